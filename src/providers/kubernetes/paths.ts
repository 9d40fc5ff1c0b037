/** Where things are inside a pod. */
export const HOME_PATH = '/home/user';
/** Where an environment without a mount of its own has its workspace; a mount says its own path. */
export const WORKSPACE_PATH = '/workspace';
/** What our own programs share with one another, out of the application's sight. */
export const OURS_PATH = '/run/cmbcluster';
export const FILES_PATH = `${OURS_PATH}/files`;
export const SYNC_STATE_PATH = `${OURS_PATH}/sync`;
/** User and group of every environment, as the mounts of all clouds have it. */
export const USER_ID = 1000;
