/** Where actors live. Here: one process, nothing persisted but the journal; also the hosting of the simulation. */
import { Duration, Layer } from "effect"
import { MessageStorage, RunnerHealth, Runners, RunnerStorage, Sharding, ShardingConfig } from "effect/cluster"

/** Quiet: one process needs no polling for shards, locks or replies. */
export const inMemory = Sharding.layer.pipe(
  Layer.provideMerge(Runners.layerNoop),
  Layer.provideMerge(MessageStorage.layerNoop),
  Layer.provide([RunnerStorage.layerMemory, RunnerHealth.layerNoop]),
  Layer.provide(ShardingConfig.layer({
    shardsPerGroup: 16,
    simulateRemoteSerialization: false,
    maxResidentEntities: "unbounded",
    entityMaxIdleTime: Duration.infinity,
    sendRetryInterval: "2 millis",
    entityTerminationTimeout: "3 seconds",
    shardLockExpiration: "35 minutes",
    shardLockRefreshInterval: "10 minutes",
    runnerHealthCheckInterval: "10 minutes",
    refreshAssignmentsInterval: "10 minutes",
    entityMessagePollInterval: "10 minutes",
    entityReplyPollInterval: "10 minutes"
  }))
)
