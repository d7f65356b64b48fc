export { type Assignment, assignTrackers, createTrackers, withTrackers } from "./assignment.js";
export { syncRuns } from "./sync.js";
export { type AssignedTracker, createSyncer, type Syncer, type SyncStatus } from "./syncer.js";
export { TrackerError, type Tracking, trackRuns, type Unsent } from "./tracking.js";
