CREATE TABLE `invitations` (
	`id` text PRIMARY KEY NOT NULL,
	`hash` text NOT NULL,
	`email` text,
	`role` text NOT NULL,
	`tier` text NOT NULL,
	`created_by` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`used_by` text,
	`used_at` integer,
	FOREIGN KEY (`created_by`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`used_by`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE set null
);
--> statement-breakpoint
CREATE UNIQUE INDEX `invitations_hash_unique` ON `invitations` (`hash`);--> statement-breakpoint
CREATE INDEX `invitations_created` ON `invitations` (`created_at`,`id`);--> statement-breakpoint
CREATE TABLE `secret_files` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`path` text NOT NULL,
	`sealed` text NOT NULL,
	`size_bytes` integer NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `secret_files_path` ON `secret_files` (`user_id`,`path`);--> statement-breakpoint
CREATE TABLE `user_variables` (
	`user_id` text NOT NULL,
	`name` text NOT NULL,
	`sealed` text NOT NULL,
	`size_bytes` integer NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	PRIMARY KEY(`user_id`, `name`),
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
ALTER TABLE `sessions` ADD `issuer` text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE `sessions` ADD `subject` text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE `sessions` ADD `issuer_session` text;--> statement-breakpoint
CREATE INDEX `sessions_identity` ON `sessions` (`issuer`,`subject`);--> statement-breakpoint
CREATE INDEX `sessions_issuer_session` ON `sessions` (`issuer`,`issuer_session`) WHERE "sessions"."issuer_session" is not null;--> statement-breakpoint
ALTER TABLE `users` ADD `admission` text DEFAULT 'open' NOT NULL;--> statement-breakpoint
ALTER TABLE `users` ADD `awaits_approval_since` integer;--> statement-breakpoint
CREATE INDEX `users_awaiting` ON `users` (`awaits_approval_since`,`id`) WHERE "users"."awaits_approval_since" is not null;--> statement-breakpoint
UPDATE `users` SET `admission` = CASE
  WHEN `role` = 'admin' THEN 'administrator'
  WHEN EXISTS (SELECT 1 FROM `identities` WHERE `user_id` = `users`.`id` AND `issuer` = 'local') THEN 'link'
  ELSE `admission` END;
