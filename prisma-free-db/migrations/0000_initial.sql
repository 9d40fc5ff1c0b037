CREATE TABLE `applications` (
	`id` text PRIMARY KEY NOT NULL,
	`slug` text NOT NULL,
	`name` text NOT NULL,
	`summary` text NOT NULL,
	`tags` text NOT NULL,
	`icon` text NOT NULL,
	`image` text,
	`port` integer,
	`local` text,
	`asks_command` integer NOT NULL,
	`default_size` text NOT NULL,
	`ready_timeout_ms` integer NOT NULL,
	`sort_order` integer NOT NULL,
	`active` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `applications_slug` ON `applications` (`slug`);--> statement-breakpoint
CREATE TABLE `environments` (
	`id` text PRIMARY KEY NOT NULL,
	`owner_id` text NOT NULL,
	`provider` text NOT NULL,
	`name` text NOT NULL,
	`slug` text NOT NULL,
	`application_id` text NOT NULL,
	`storage_id` text,
	`cpu_millicores` integer NOT NULL,
	`memory_mib` integer NOT NULL,
	`gpus` integer NOT NULL,
	`env_names` text NOT NULL,
	`sealed_env` text,
	`argv` text,
	`phase` text NOT NULL,
	`desired` text NOT NULL,
	`generation` integer NOT NULL,
	`steps` text NOT NULL,
	`failure` text,
	`resume` integer NOT NULL,
	`client_key` text NOT NULL,
	`created_at` integer NOT NULL,
	`phase_at` integer NOT NULL,
	`ready_at` integer,
	`deadline_at` integer,
	`last_activity_at` integer,
	FOREIGN KEY (`owner_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`application_id`) REFERENCES `applications`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`storage_id`) REFERENCES `storages`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `environments_slug` ON `environments` (`slug`);--> statement-breakpoint
CREATE UNIQUE INDEX `environments_client_key` ON `environments` (`owner_id`,`client_key`);--> statement-breakpoint
CREATE INDEX `environments_owner` ON `environments` (`owner_id`,`created_at`,`id`);--> statement-breakpoint
CREATE INDEX `environments_phase` ON `environments` (`phase`);--> statement-breakpoint
CREATE INDEX `environments_storage` ON `environments` (`storage_id`);--> statement-breakpoint
CREATE INDEX `environments_application` ON `environments` (`application_id`,`ready_at`);--> statement-breakpoint
CREATE TABLE `tickets` (
	`hash` text PRIMARY KEY NOT NULL,
	`environment_id` text NOT NULL,
	`session_id` text NOT NULL,
	`user_id` text NOT NULL,
	`expires_at` integer NOT NULL,
	FOREIGN KEY (`environment_id`) REFERENCES `environments`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `identities` (
	`issuer` text NOT NULL,
	`subject` text NOT NULL,
	`user_id` text NOT NULL,
	`email` text NOT NULL,
	`created_at` integer NOT NULL,
	`last_used_at` integer NOT NULL,
	PRIMARY KEY(`issuer`, `subject`),
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `identities_user` ON `identities` (`user_id`);--> statement-breakpoint
CREATE TABLE `sessions` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`created_at` integer NOT NULL,
	`last_seen_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`user_agent` text NOT NULL,
	`address` text NOT NULL,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `sessions_user` ON `sessions` (`user_id`);--> statement-breakpoint
CREATE INDEX `sessions_expiry` ON `sessions` (`expires_at`);--> statement-breakpoint
CREATE TABLE `sign_in_links` (
	`hash` text PRIMARY KEY NOT NULL,
	`issuer` text NOT NULL,
	`subject` text NOT NULL,
	`email` text NOT NULL,
	`name` text NOT NULL,
	`expires_at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `users` (
	`id` text PRIMARY KEY NOT NULL,
	`email` text NOT NULL,
	`name` text NOT NULL,
	`role` text NOT NULL,
	`tier` text NOT NULL,
	`active` integer NOT NULL,
	`preferences` text NOT NULL,
	`created_at` integer NOT NULL,
	`last_seen_at` integer
);
--> statement-breakpoint
CREATE INDEX `users_email` ON `users` (`email`,`id`);--> statement-breakpoint
CREATE TABLE `audit` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`at` integer NOT NULL,
	`actor_id` text,
	`actor_name` text NOT NULL,
	`address` text NOT NULL,
	`action` text NOT NULL,
	`owner_id` text,
	`target_id` text,
	`target_name` text,
	`result` text NOT NULL,
	`details` text
);
--> statement-breakpoint
CREATE INDEX `audit_owner` ON `audit` (`owner_id`,`id`);--> statement-breakpoint
CREATE INDEX `audit_target` ON `audit` (`target_id`,`id`);--> statement-breakpoint
CREATE TABLE `live_events` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`owner_id` text NOT NULL,
	`at` integer NOT NULL,
	`kind` text NOT NULL,
	`target_id` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `live_events_owner` ON `live_events` (`owner_id`,`id`);--> statement-breakpoint
CREATE INDEX `live_events_at` ON `live_events` (`at`);--> statement-breakpoint
CREATE TABLE `settings` (
	`key` text PRIMARY KEY NOT NULL,
	`value` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `storages` (
	`id` text PRIMARY KEY NOT NULL,
	`owner_id` text NOT NULL,
	`provider` text NOT NULL,
	`bucket` text NOT NULL,
	`display_name` text NOT NULL,
	`status` text NOT NULL,
	`failure` text,
	`size_bytes` integer,
	`objects` integer,
	`measured_at` integer,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`owner_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `storages_bucket` ON `storages` (`provider`,`bucket`);--> statement-breakpoint
CREATE INDEX `storages_owner` ON `storages` (`owner_id`,`created_at`,`id`);--> statement-breakpoint
CREATE INDEX `storages_status` ON `storages` (`status`);