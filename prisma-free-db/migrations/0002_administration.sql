CREATE TABLE `user_search` (
	`seq` integer PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`text` text NOT NULL,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `user_search_user_id_unique` ON `user_search` (`user_id`);--> statement-breakpoint
ALTER TABLE `users` ADD `limit_overrides` text;--> statement-breakpoint
ALTER TABLE `users` ADD `notes` text DEFAULT '' NOT NULL;--> statement-breakpoint
CREATE INDEX `users_name` ON `users` ("name" collate nocase,`id`);--> statement-breakpoint
CREATE INDEX `users_created` ON `users` (`created_at`,`id`);--> statement-breakpoint
CREATE INDEX `users_last_seen` ON `users` (coalesce("last_seen_at", 0),`id`);--> statement-breakpoint
CREATE INDEX `users_role` ON `users` (`role`,`id`);--> statement-breakpoint
CREATE INDEX `users_active` ON `users` (`active`,`id`);--> statement-breakpoint
CREATE INDEX `users_tier` ON `users` (`tier`,`id`);--> statement-breakpoint
ALTER TABLE `audit` ADD `agent` text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE `audit` ADD `target_kind` text;--> statement-breakpoint
ALTER TABLE `audit` ADD `before` text;--> statement-breakpoint
ALTER TABLE `audit` ADD `after` text;--> statement-breakpoint
ALTER TABLE `audit` ADD `correlation_id` text DEFAULT '' NOT NULL;--> statement-breakpoint
CREATE INDEX `audit_actor` ON `audit` (`actor_id`,`id`);--> statement-breakpoint
CREATE INDEX `audit_at` ON `audit` (`at`);--> statement-breakpoint
UPDATE `audit` SET `result` = CASE `result` WHEN 'success' THEN 'done' WHEN 'refused' THEN 'denied' ELSE `result` END,
  `target_kind` = CASE substr(`target_id`, 1, 4)
    WHEN 'usr-' THEN 'user' WHEN 'ses-' THEN 'session' WHEN 'env-' THEN 'environment' WHEN 'sto-' THEN 'storage'
    WHEN 'app-' THEN 'application' WHEN 'job-' THEN 'job' WHEN 'upl-' THEN 'upload' END;
--> statement-breakpoint
CREATE VIRTUAL TABLE `audit_text` USING fts5(action, words, content='');
--> statement-breakpoint
INSERT INTO `audit_text` (`rowid`, `action`, `words`)
  SELECT `id`, `action`, concat_ws(' ', `actor_name`, `target_name`, `target_id`, `address`) FROM `audit`;
--> statement-breakpoint
CREATE TRIGGER `audit_insert` AFTER INSERT ON `audit` BEGIN
  INSERT INTO `audit_text` (`rowid`, `action`, `words`)
    VALUES (new.`id`, new.`action`, concat_ws(' ', new.`actor_name`, new.`target_name`, new.`target_id`, new.`address`));
END;
--> statement-breakpoint
CREATE TRIGGER `audit_no_replace` BEFORE INSERT ON `audit` WHEN EXISTS (SELECT 1 FROM `audit` WHERE `id` = new.`id`) BEGIN
  SELECT RAISE(ABORT, 'the audit trail is append-only');
END;
--> statement-breakpoint
CREATE TRIGGER `audit_no_update` BEFORE UPDATE ON `audit` BEGIN
  SELECT RAISE(ABORT, 'the audit trail is append-only');
END;
--> statement-breakpoint
CREATE TRIGGER `audit_no_delete` BEFORE DELETE ON `audit` BEGIN
  SELECT RAISE(ABORT, 'the audit trail is append-only');
END;
--> statement-breakpoint
CREATE VIRTUAL TABLE `user_search_text` USING fts5(text, content='user_search', content_rowid='seq', tokenize='trigram');
--> statement-breakpoint
CREATE TRIGGER `user_search_insert` AFTER INSERT ON `user_search` BEGIN
  INSERT INTO `user_search_text` (`rowid`, `text`) VALUES (new.`seq`, new.`text`);
END;
--> statement-breakpoint
CREATE TRIGGER `user_search_update` AFTER UPDATE ON `user_search` BEGIN
  INSERT INTO `user_search_text` (`user_search_text`, `rowid`, `text`) VALUES ('delete', old.`seq`, old.`text`);
  INSERT INTO `user_search_text` (`rowid`, `text`) VALUES (new.`seq`, new.`text`);
END;
--> statement-breakpoint
CREATE TRIGGER `user_search_delete` AFTER DELETE ON `user_search` BEGIN
  INSERT INTO `user_search_text` (`user_search_text`, `rowid`, `text`) VALUES ('delete', old.`seq`, old.`text`);
END;
--> statement-breakpoint
CREATE TRIGGER `users_insert` AFTER INSERT ON `users` BEGIN
  INSERT INTO `user_search` (`user_id`, `text`) VALUES (new.`id`, new.`name` || ' ' || new.`email`);
END;
--> statement-breakpoint
CREATE TRIGGER `users_update` AFTER UPDATE OF `name`, `email` ON `users`
  WHEN old.`name` IS NOT new.`name` OR old.`email` IS NOT new.`email` BEGIN
  UPDATE `user_search` SET `text` = new.`name` || ' ' || new.`email` WHERE `user_id` = new.`id`;
END;
--> statement-breakpoint
INSERT INTO `user_search` (`user_id`, `text`) SELECT `id`, `name` || ' ' || `email` FROM `users`;
