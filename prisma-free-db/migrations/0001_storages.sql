CREATE TABLE `file_job_undo` (
	`job_id` text NOT NULL,
	`key` text NOT NULL,
	`version_id` text NOT NULL,
	PRIMARY KEY(`job_id`, `key`),
	FOREIGN KEY (`job_id`) REFERENCES `file_jobs`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `file_jobs` (
	`id` text PRIMARY KEY NOT NULL,
	`storage_id` text NOT NULL,
	`owner_id` text NOT NULL,
	`client_key` text NOT NULL,
	`kind` text NOT NULL,
	`status` text NOT NULL,
	`items` text NOT NULL,
	`position` integer NOT NULL,
	`cursor` text,
	`attempt` integer NOT NULL,
	`done` integer NOT NULL,
	`total` integer,
	`failures` text NOT NULL,
	`failed_count` integer NOT NULL,
	`message` text,
	`undo` integer NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`finished_at` integer,
	FOREIGN KEY (`storage_id`) REFERENCES `storages`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `file_jobs_client_key` ON `file_jobs` (`owner_id`,`client_key`);--> statement-breakpoint
CREATE INDEX `file_jobs_storage` ON `file_jobs` (`storage_id`,`created_at`);--> statement-breakpoint
CREATE INDEX `file_jobs_status` ON `file_jobs` (`status`,`finished_at`);--> statement-breakpoint
CREATE TABLE `storage_usage_samples` (
	`storage_id` text NOT NULL,
	`day` text NOT NULL,
	`size_bytes` integer NOT NULL,
	`objects` integer NOT NULL,
	PRIMARY KEY(`storage_id`, `day`),
	FOREIGN KEY (`storage_id`) REFERENCES `storages`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `uploads` (
	`id` text PRIMARY KEY NOT NULL,
	`storage_id` text NOT NULL,
	`owner_id` text NOT NULL,
	`key` text NOT NULL,
	`handle` text NOT NULL,
	`size_bytes` integer NOT NULL,
	`part_size_bytes` integer NOT NULL,
	`replace` integer NOT NULL,
	`if_version` text,
	`created_at` integer NOT NULL,
	`used_at` integer NOT NULL,
	FOREIGN KEY (`storage_id`) REFERENCES `storages`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `uploads_owner` ON `uploads` (`owner_id`,`storage_id`);--> statement-breakpoint
CREATE INDEX `uploads_used` ON `uploads` (`used_at`);--> statement-breakpoint
ALTER TABLE `storages` ADD `storage_class` text;--> statement-breakpoint
ALTER TABLE `storages` ADD `location` text;--> statement-breakpoint
ALTER TABLE `storages` ADD `keep_versions_days` integer DEFAULT 30 NOT NULL;--> statement-breakpoint
ALTER TABLE `storages` ADD `steps` text DEFAULT '[]' NOT NULL;--> statement-breakpoint
ALTER TABLE `storages` ADD `work_since` integer;--> statement-breakpoint
ALTER TABLE `storages` ADD `waiting` text;--> statement-breakpoint
ALTER TABLE `storages` ADD `removed` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `storages` ADD `access` text;--> statement-breakpoint
ALTER TABLE `storages` ADD `settings` text DEFAULT '[]' NOT NULL;--> statement-breakpoint
ALTER TABLE `storages` ADD `settings_at` integer;--> statement-breakpoint
ALTER TABLE `storages` ADD `folders` text DEFAULT '[]' NOT NULL;--> statement-breakpoint
ALTER TABLE `storages` ADD `folders_at` integer;--> statement-breakpoint
ALTER TABLE `storages` ADD `folders_partial` integer DEFAULT false NOT NULL;