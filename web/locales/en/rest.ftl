# What the first steps do not ask for: why a command did nothing, what is wrong in what a person has written, the invariants, what the console says,
# what settings and metrics mean, and most panels' own words. Fetched once the page stands. Arguments are as in engine.ftl.

## What is wrong in a lesson's files

lesson-error-not-toml = This is not TOML: { $reason }
lesson-error-missing-field = { $field } is missing.
lesson-error-unknown-field = There is no field { $field } here. Allowed fields: { $expected }.
lesson-error-wrong-type = { $found ->
    [text] A text
    [number] A number
    [true-or-false] True or false
    [list] A list
    [table] A table
   *[other] Something else
 } stands here, but { $expected ->
    [text] a text
    [number] a number
    [true-or-false] true or false
    [list] a list
    [table] a table
   *[other] something else
 } is expected.
lesson-error-unknown-value = { $found } is not allowed here. Allowed: { $expected }.
lesson-error-out-of-range = { $found } does not fit here. Allowed: { $expected }.
lesson-error-unreadable = { $found } cannot be read: { $reason }
lesson-error-id-twice = The id { $id } is used twice.
lesson-error-no-such-id = Nothing has the id { $id }. Known ids: { $expected }.
lesson-error-empty = { $what } is empty.
lesson-error-no-text = The text has no heading with the anchor { $anchor }.
lesson-error-text-for-nothing = lesson.toml has nothing that { $anchor } belongs to.
lesson-error-no-anchor = The heading “{ $heading }” has no anchor at its end.
lesson-error-empty-text = { $anchor } has no text.
lesson-error-not-its-folder = The lesson's id is { $id }, but its folder is { $folder }.
lesson-error-unknown-section = No document in index.toml has the section { $section }.
lesson-error-not-in-track = The track { $track } in index.toml does not list { $id }.
lesson-error-mutually-exclusive = At most one of { $fields } may be there.

invariant-one-leader-per-epoch = At most one broker leads a partition in a leader epoch.
invariant-high-watermark-advances = Within a leader epoch, a leader's high watermark never goes back.
invariant-committed-is-kept = A committed record is never lost: whoever is elected has it, unless the election was unclean.
invariant-logs-are-equal = Below their high watermarks, all replicas have the same records.
invariant-follower-stays-behind = A follower's high watermark is never ahead of its leader's, once the leader has committed up to the start of its epoch.
invariant-reads-are-committed = A consumer only ever receives committed records.
invariant-offsets-are-dense = In a log, each batch follows the one before it without a gap, and leader epochs never go back.
invariant-acknowledged-is-committed = With acks=all, a producer is acknowledged only for records below the high watermark.
invariant-one-owner-per-generation = Within one generation of a group, a partition is assigned to one member only.
invariant-committed-offset-is-below = A consumer never commits an offset above the high watermark, unless it was made to seek there.
invariant-isr-within-replicas = The ISR and the eligible leader replicas are replicas of the partition, and no replica is in both.
invariant-leader-is-in-sync = The leader of a partition is in its ISR.
invariant-metadata-offset-advances = A running process never goes back in the metadata log.
invariant-broker-epoch-advances = The broker epoch of a broker never goes back.
invariant-partition-epochs-advance = A process never goes back to an older leader epoch or partition epoch.
invariant-sequences-follow = Each batch of an idempotent producer follows the one before it: nothing is stored twice, and nothing is missing in between.
invariant-sizes-add-up = A log segment's size is the sum of the sizes of its batches.
invariant-one-leader-per-quorum-epoch = At most one controller leads the quorum of the metadata log in an epoch.
invariant-quorum-epoch-advances = A voter of the metadata log never goes back to an older epoch, not even when it restarts.
invariant-one-vote-per-quorum-epoch = A voter of the metadata log votes for one candidate only in an epoch, even when it restarts in between.
invariant-quorum-high-watermark-advances = The high watermark of the metadata log never goes back, neither on a running voter nor from one leader to the next.
invariant-majority-has-committed = Whatever is below the high watermark of the metadata log is on a majority of its voters.
invariant-committed-metadata-is-kept = Committed metadata is never lost: below their high watermarks all voters have the same records, and whoever is elected has all of them.
invariant-applied-metadata-is-committed = A broker only applies committed metadata.

violation-one-leader-per-epoch = Broker { $second } leads { $partition } in leader epoch { $leaderEpoch }, which broker { $first } led before.
violation-high-watermark-advances = Broker { $node } leads { $partition }, and its high watermark went back from { $from } to { $to }.
violation-committed-is-kept = Broker { $node } was elected for { $partition } without the committed record at offset { $offset }: it is lost.
violation-logs-are-equal = At offset { $offset } of { $partition }, broker { $node } has a record other than the one that was committed there.
violation-follower-stays-behind = Broker { $node } has high watermark { $highWatermark } for { $partition }, while its leader, broker { $leader }, has { $leaders }.
violation-reads-are-committed = Consumer { $consumer } received offset { $offset } of { $partition }, but only what is below { $committed } was committed.
violation-offsets-are-dense = In { $partition } on broker { $node }, the batch at offset { $offset } does not follow the one before it.
violation-acknowledged-is-committed = Producer { $producer } was acknowledged with acks=all for offset { $offset } of { $partition }, but only what is below { $committed } was committed.
violation-one-owner-per-generation = In generation { $generation } of group { $group }, { $partition } was assigned to consumer { $first } and also to consumer { $second }.
violation-committed-offset-is-below = Consumer { $consumer } committed offset { $offset } of { $partition }, but the high watermark was never above { $committed }.
violation-isr-within-replicas = The metadata log has the ISR { $isr } for { $partition }, whose replicas are { $replicas }.
violation-leader-is-in-sync = Broker { $leader } leads { $partition }, whose ISR is { $isr }.
violation-metadata-offset-advances = Node { $node } had applied the metadata log up to offset { $from } and went back to { $to }.
violation-broker-epoch-advances = Broker { $broker } was registered with broker epoch { $to } after it had { $from }.
violation-partition-epochs-advance = On node { $node }, { $partition } went from leader epoch { $leaderEpochFrom } and partition epoch { $partitionEpochFrom } to { $leaderEpoch } and { $partitionEpoch }.
violation-sequences-follow = On broker { $node }, a batch of producer id { $producerId } in { $partition } begins at sequence { $sequence }, where { $expected } was to come.
violation-sizes-add-up = On broker { $node }, segment { $segment } of { $partition } has { $size } bytes, but its batches add up to { $sum }.
violation-one-leader-per-quorum-epoch = Controller { $second } leads the quorum in epoch { $epoch }, which controller { $first } led before.
violation-quorum-epoch-advances = Voter { $node } was in epoch { $from } of the quorum and went back to { $to }.
violation-one-vote-per-quorum-epoch = In epoch { $epoch } of the quorum, voter { $node } voted for { $second } after it had voted for { $first }.
violation-quorum-high-watermark-advances = On voter { $node }, the high watermark of the metadata log went back from { $from } to { $to }.
violation-majority-has-committed = Voter { $node } takes the metadata log to be committed up to { $highWatermark }, but only { $having } of { $voters } voters have it that far.
violation-committed-metadata-is-kept = Voter { $node } does not have the committed metadata at offset { $offset }: it is lost.
violation-applied-metadata-is-committed = Broker { $node } has applied the metadata log up to { $offset }, but only what is below { $committed } was committed.

# Why a setting changes nothing
unmodelled-threads = The engine does this work at once: the size of the thread pool changes nothing.
unmodelled-connections = The engine has no sockets: their buffers, and limits on connections but those of one address, change nothing.
unmodelled-codecs = The engine has no codecs: compressed records take the share of their bytes that the producer's simulated.compressed.percent says, whatever the codec and its level.
unmodelled-files = The engine has no files of its own: preallocation, buffers and log directories change nothing.
unmodelled-quotas = Replication throttling and callbacks for client quotas are not modelled.
unmodelled-tiered-storage = Tiered storage is not modelled.
unmodelled-security = Encryption and authentication are not modelled.
unmodelled-metrics = Metrics reporters and client telemetry are not modelled.
unmodelled-new-groups = The share and streams group protocols are not modelled yet.
unmodelled-transactions = The engine loads a transaction coordinator's log at once: this setting changes nothing.
unmodelled-unused-by-kafka = Kafka 4.3.1 does not have this setting any more.
unmodelled-not-built = The engine does not act on this setting yet.

# What is wrong in property files, and what to do about it
mistake-no-files = There is no node yet. Paste the server.properties of each node, or drop the files here.
mistake-too-large = Too large: at most { $limit } { $what } are read.
mistake-malformed-escape = { $name } has a \u that is not followed by four hexadecimal digits. Java rejects the whole file: write four digits, or double the backslash.
mistake-byte-order-mark = The file begins with a byte order mark, which Kafka takes for a part of the name { $name }. Save the file as UTF-8 without one.
mistake-broken-placeholder = { $text } is no placeholder that anything can fill in. Write the value itself.
mistake-unfilled-placeholder = { $text } was not filled in: Kafka reads it as it stands. Write the value itself.
mistake-comment-behind-value = “{ $comment }” belongs to the value of { $name }: property files have comments only on lines of their own. Move it to its own line.
mistake-missing-setting = { $name } is missing, and it has no default. Add a line for it.
mistake-zookeeper-mode = This file is for a cluster with ZooKeeper, which Kafka 4 no longer has. Set process.roles, node.id, controller.listener.names and controller.quorum.voters instead.
mistake-invalid-value = { $name } does not take the value “{ $value }”. Kafka says what it takes.
mistake-beyond-engine = Kafka takes { $value } for { $name }, but this engine does not. It takes { $expected }.
mistake-settings-disagree = { $name } does not fit the other settings. Kafka says which.
mistake-node-id-and-broker-id = Here node.id is { $nodeId } and broker.id is { $brokerId }. Remove broker.id, or set both to the same value.
mistake-no-quorum = The node does not know the quorum. Set controller.quorum.voters, or controller.quorum.bootstrap.servers for a dynamic quorum.
mistake-voter-syntax = “{ $entry }” is no voter. Each entry is id@host:port, with commas between them.
mistake-bootstrap-server-syntax = “{ $entry }” is no address. Each entry is host:port, with commas between them.
mistake-voter-twice = Voter { $voter } is listed twice. Kafka starts and never elects a leader: keep one entry.
mistake-voters-at-one-address = Voters { $voter } and { $other } have the same address, { $address }. Kafka takes it and waits for a quorum: correct one of them.
mistake-controller-not-among-voters = Node { $node } is a controller, but the voters are { $voters }. Add it to controller.quorum.voters on every node.
mistake-broker-among-voters = Node { $node } is a voter, but its process.roles has no controller. Add that role, or remove it from the voters.
mistake-listener-syntax = “{ $entry }” in { $name } is no listener. Each entry is NAME://host:port.
mistake-listener-without-protocol = Listener { $listener } has no security protocol. Add { $listener }:PLAINTEXT, or another one, to listener.security.protocol.map.
mistake-unknown-protocol = There is no security protocol { $protocol }. Use PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL.
mistake-protocol-map-syntax = “{ $entry }” is no entry of listener.security.protocol.map. Each is NAME:PROTOCOL.
mistake-listener-twice = Listener { $listener } is there twice. Rename one of them.
mistake-listeners-at-one-port = Two listeners of this node use port { $port }. Move one of them to another port.
mistake-no-controller-listener = The controller has no listener named { $names }: listeners has { $listeners }. Use the same name in both settings.
mistake-unknown-controller-listener = The setting controller.listener.names has { $name }, but listeners has { $listeners }. Use the same name in both settings.
mistake-broker-with-controller-listener = The node is only a broker, but listens at { $listener }, which belongs to controllers. Remove it from listeners.
mistake-controller-with-broker-listener = The node is only a controller, but listens at { $listener }, which is not in controller.listener.names. Remove it from listeners, or add the broker role.
mistake-controller-listener-without-protocol = The broker does not know the security protocol of { $listener }. Add { $listener } to listener.security.protocol.map.
mistake-no-broker-listener = The broker has no listener for clients: all of them are in controller.listener.names. Add PLAINTEXT://host:9092 to listeners.
mistake-unknown-inter-broker-listener = Brokers are to talk to each other at { $listener }, but { $listeners } is what is advertised. Name one of those in inter.broker.listener.name.
mistake-inter-broker-twice = Both inter.broker.listener.name and security.inter.broker.protocol are set. Keep one of them.
mistake-unknown-advertised-listener = { $listener } is advertised, but listeners has { $listeners }. Use the same name in both settings.
mistake-advertised-everywhere = { $listener } advertises 0.0.0.0, to which nobody can connect. Advertise the host name that clients use.
mistake-node-twice = The node.id { $node } is taken by { $file } already. Each node needs its own.
mistake-voters-differ = The voters here are { $here }, in { $file } they are { $there }. Use the same list on every node.
mistake-raft-differs = The setting raft is { $here } here, and { $there } in { $file }. Use the same protocol on every controller.
mistake-voter-address-differs = Voter { $voter } is at { $here } here, at { $there } in { $file }. Use the same list on every node.
mistake-voter-without-file = Voter { $voter } has no file here. Add the file of that node, or remove it from the voters on every node.
mistake-voter-port-differs = The setting controller.quorum.voters has port { $port } for node { $voter }, but its controller listens at { $listens }. Kafka starts, and the others never reach it: use the same port in both.
mistake-port-clash = { $address } is taken by { $file } already. Move one of both to another port or host.
mistake-no-broker = No node is a broker. Add the broker role to process.roles of one, or another file.
mistake-no-controller = No node is a controller. Add the file of a controller, or that role to process.roles.
mistake-out-of-range = { $name } is { $value }. Here it may be { $min } to { $max }.
mistake-too-few-brokers = { $name } wants { $wanted } replicas, but there { $brokers ->
    [one] is one broker
   *[other] are { $brokers } brokers
}. Kafka starts, and cannot create the topic: lower it, or add brokers.
mistake-unformatted-directory = { $directory } was not formatted for this node. Run kafka-storage format with its file.
mistake-foreign-cluster = { $directory } belongs to cluster { $found }, the others to { $expected }. Format all nodes with the same --cluster-id.
mistake-foreign-node = { $directory } was formatted for node { $found }, not for node { $expected }. Correct node.id, or format an empty directory.

# What is legal in property files, and unwise or without effect
caution-duplicate-key = { $name } is set again on line { $last }, which is the one that counts.
caution-unknown-setting = Kafka has no setting { $name } and ignores it. Perhaps { $meant } was meant.
caution-custom-setting = Kafka has no setting { $name }: at most a plug-in reads it.
caution-no-effect-here = { $name } is kept, but changes nothing here.
caution-not-latin = Kafka reads files as ISO 8859-1: { $name } arrives with other letters. Write them as \uXXXX.
caution-combined-roles = Broker and controller share { $nodes ->
    [one] one process
   *[other] { $nodes } processes
}. That is good for trying things out: in production a busy broker delays the quorum, and both fail together.
caution-even-voters = { $voters } voters bear { $tolerated ->
    [0] no failure
    [one] one failure
   *[other] { $tolerated } failures
}, no more than one voter less would. Use an odd number.
caution-dynamic-quorum = With controller.quorum.bootstrap.servers the voters are those that the directories were formatted with, which no file says. Here that is --initial-controllers with every controller ({ $voters }). Another beginning is a line of its own in each file, as initial.controllers=1 for --standalone on node 1: the others watch until they are added.
caution-bootstrap-servers-unused = Beside controller.quorum.voters, Kafka does not look at controller.quorum.bootstrap.servers.
caution-replication-factor-one = { $name } is 1: what one broker holds is lost with it.
caution-min-isr-is-factor = { $name } is as large as { $factorName } ({ $factor }): as soon as one replica falls out of the ISR, acks=all is rejected. Make it one less.
caution-default-needs-brokers = { $name } is { $wanted } by default, but there { $brokers ->
    [one] is one broker
   *[other] are { $brokers } brokers
}: the topic cannot be created. Set it to { $brokers }.
caution-unclean-election = A replica outside of the ISR may become the leader, and acknowledged records may be lost.
caution-temporary-directory = { $directory } is emptied when the machine restarts. Use a directory that is kept.
caution-log-dir-unused = Beside log.dirs, Kafka does not look at log.dir.
caution-advertised-loopback = { $address } is advertised to clients and other brokers: on another machine it leads to that machine itself.

# What the console itself says
console-tools = Tools: { $tools }. The Tab key completes a word, the arrow keys show earlier lines, clear empties the console. Type a tool’s name for its options, or cat server-1.properties to see a file.
console-options = Options of { $tool }: { $options }.
console-unknown-tool = There is no tool { $tool } here. Type help for those that there are.
console-open-quote = A quotation mark is not closed.
console-wants-json = There are no files here: write the JSON itself after { $option }, in single quotes.

## Settings, by their real names with dashes for dots

setting-replica-lag-time-max-ms = How long a follower may be behind before its leader wants it out of the ISR, in milliseconds.
setting-replica-fetch-wait-max-ms = How long a follower's fetch waits for data, in milliseconds.
setting-replica-fetch-min-bytes = How many bytes a follower's fetch waits for.
setting-replica-fetch-max-bytes = At most so many bytes of one partition in a follower's fetch.
setting-replica-fetch-response-max-bytes = At most so many bytes in a follower's fetch.
setting-replica-fetch-backoff-ms = How long a follower waits after a failed fetch, in milliseconds.
setting-replica-socket-timeout-ms = How long a follower waits for its leader's answer, in milliseconds.
setting-max-incremental-fetch-session-cache-slots = How many fetch sessions a broker keeps, shared out to 8 shards.
setting-replica-high-watermark-checkpoint-interval-ms = How often high watermarks are written to disk, in milliseconds.
setting-broker-session-timeout-ms = How long a broker may be silent before the controller fences it, in milliseconds.
setting-broker-heartbeat-interval-ms = How often a broker says that it lives, in milliseconds.
setting-initial-broker-registration-timeout-ms = How long a broker that starts tries to register with the controller before its process ends.
setting-controlled-shutdown-enable = Whether a broker moves its leaders away before it ends.
setting-min-insync-replicas = How many replicas must be in sync for acks=all, where the topic says nothing.
setting-default-replication-factor = How many replicas a topic gets that asks for none in particular.
setting-num-partitions = How many partitions a topic gets that asks for none in particular.
setting-unclean-leader-election-enable = Whether a replica outside the ISR may lead when nobody else can.
setting-unclean-leader-election-interval-ms = How often the controller looks for unclean elections, in milliseconds.
setting-auto-leader-rebalance-enable = Whether the controller gives leadership back to preferred leaders.
setting-leader-imbalance-check-interval-seconds = How often the controller looks whether preferred leaders lead, in seconds.
setting-leader-imbalance-per-broker-percentage = Historical (ZooKeeper mode): how uneven a broker's leaders may be, in per cent. Kafka 4.3.1 does not have it.
setting-offsets-topic-num-partitions = Partitions of __consumer_offsets.
setting-offsets-topic-replication-factor = Replicas of __consumer_offsets.
setting-offsets-topic-segment-bytes = Bytes of a segment of __consumer_offsets. The topic takes it when it is created.
setting-transaction-state-log-num-partitions = Partitions of __transaction_state.
setting-transaction-state-log-replication-factor = Replicas of __transaction_state.
setting-transaction-state-log-min-isr = The value of min.insync.replicas for __transaction_state.
setting-transaction-state-log-segment-bytes = The value of segment.bytes for __transaction_state.
setting-transaction-max-timeout-ms = The longest transaction.timeout.ms that a producer may ask for, in milliseconds.
setting-transaction-abort-timed-out-transaction-cleanup-interval-ms = How often the coordinator looks for transactions that are open for too long, in milliseconds.
setting-transaction-remove-expired-transaction-cleanup-interval-ms = How often the coordinator looks for transactional ids that nobody uses, in milliseconds.
setting-producer-id-expiration-ms = How long a partition remembers a producer id that writes nothing, in milliseconds.
setting-producer-id-expiration-check-interval-ms = How often a log looks for producer ids to forget, in milliseconds.
setting-transactional-id-expiration-ms = How long the coordinator remembers a transactional id that nobody uses, in milliseconds.
setting-transaction-two-phase-commit-enable = Whether a transaction may be ended by a coordinator outside of Kafka (two-phase commit).
setting-transaction-partition-verification-enable = Whether a leader asks the transaction coordinator before it appends a transaction's first batch.
setting-add-partitions-to-txn-retry-backoff-ms = How long a leader waits before it asks the transaction coordinator again while the transaction before ends, in milliseconds.
setting-add-partitions-to-txn-retry-backoff-max-ms = How long a leader asks again at most before it answers the producer, in milliseconds.
setting-offsets-commit-timeout-ms = How long a group coordinator waits for the replicas of what it appends, in milliseconds.
setting-offsets-retention-minutes = How long an unused offset is kept, in minutes.
setting-group-initial-rebalance-delay-ms = How long the coordinator waits for more members when a group is new, in milliseconds.
setting-group-min-session-timeout-ms = The shortest session a member may ask for, in milliseconds.
setting-group-max-session-timeout-ms = The longest session a member may ask for, in milliseconds.
setting-group-max-size = The most members a group of the classic protocol may have.
setting-group-consumer-session-timeout-ms = How long a member of a consumer group may be silent before the coordinator removes it, in milliseconds.
setting-group-consumer-min-session-timeout-ms = The shortest session timeout a consumer group may be given, in milliseconds.
setting-group-consumer-max-session-timeout-ms = The longest session timeout a consumer group may be given, in milliseconds.
setting-group-consumer-heartbeat-interval-ms = How often members of a consumer group send heartbeats, in milliseconds.
setting-group-consumer-min-heartbeat-interval-ms = The shortest heartbeat interval a consumer group may be given, in milliseconds.
setting-group-consumer-max-heartbeat-interval-ms = The longest heartbeat interval a consumer group may be given, in milliseconds.
setting-group-consumer-max-size = The most members a consumer group may have.
setting-group-consumer-assignors = The assignors on the broker, the default first.
setting-group-consumer-migration-policy = Whether a group with members may change from the classic protocol to the consumer protocol, or back.
setting-group-consumer-assignment-interval-ms = The shortest time between two target assignments of a consumer group, in milliseconds.
setting-group-consumer-min-assignment-interval-ms = The shortest assignment interval a consumer group may be given, in milliseconds.
setting-group-consumer-max-assignment-interval-ms = The longest assignment interval a consumer group may be given, in milliseconds.
setting-group-consumer-regex-refresh-interval-ms = How often the coordinator resolves subscribed regular expressions again, in milliseconds.
setting-offsets-retention-check-interval-ms = How often the coordinator looks for expired offsets, in milliseconds.
setting-offset-metadata-max-bytes = The longest metadata a client may commit with an offset, in bytes.
setting-log-segment-bytes = Bytes after which a log begins a new segment.
setting-log-roll-ms = Time after which a log begins a new segment, in milliseconds; where it is null, log.roll.hours counts.
setting-log-roll-hours = Hours after which a log begins a new segment.
setting-log-roll-jitter-ms = At most so much earlier a log begins a new segment, in milliseconds; where it is null, the hours count.
setting-log-roll-jitter-hours = At most so many hours earlier a log begins a new segment.
setting-log-retention-ms = How long records are kept, in milliseconds; -1 for ever; where it is null, the minutes count.
setting-log-retention-minutes = How long records are kept, in minutes; -1 for ever; where it is null, the hours count.
setting-log-retention-hours = How long records are kept, in hours; -1 for ever.
setting-log-retention-bytes = How many bytes of a log are kept; -1 for all.
setting-log-cleaner-enable = Whether there is a cleaner of compacted logs. Without one nothing is compacted.
setting-log-cleaner-backoff-ms = How long the cleaner of compacted logs rests, in milliseconds.
setting-log-retention-check-interval-ms = How often old segments are looked for, in milliseconds.
setting-log-flush-interval-messages = Messages after which a log is flushed; by default never.
setting-log-flush-interval-ms = Time after which a log is flushed, in milliseconds; where it is null, the scheduler's interval counts.
setting-log-flush-scheduler-interval-ms = How often the broker looks whether a log must be flushed, in milliseconds.
setting-log-index-size-max-bytes = Bytes of a segment's offset index.
setting-log-index-interval-bytes = Bytes between two entries of the sparse index.
setting-log-cleaner-delete-retention-ms = How long a tombstone is kept after compaction, in milliseconds.
setting-log-cleaner-min-compaction-lag-ms = How long a record is safe from compaction, in milliseconds.
setting-log-cleaner-max-compaction-lag-ms = After how long a record is compacted even in a clean log, in milliseconds.
setting-log-cleaner-min-cleanable-ratio = How much of a log must be uncleaned before compaction, from 0 to 1.
setting-log-cleaner-threads = Threads that compact.
setting-log-cleaner-dedupe-buffer-size = Memory of all of them for keys, in bytes.
setting-log-cleanup-policy = What happens to old records.
setting-log-segment-delete-delay-ms = How long the files of a deleted segment stay, and the folder of a partition that the broker hosts no more, in milliseconds.
setting-log-preallocate = Whether a segment's file has its full size from the start.
setting-log-message-timestamp-type = Whose clock stamps records.
setting-log-message-timestamp-before-max-ms = How far a record's time may be in the past, in milliseconds.
setting-log-message-timestamp-after-max-ms = How far a record's time may be in the future, in milliseconds.
setting-compression-type = How batches are compressed. On a topic or broker, producer leaves them as they came.
setting-num-io-threads = Threads that handle requests.
setting-num-network-threads = Threads of each listener that read requests and write responses.
setting-fetch-purgatory-purge-interval-requests = Once more than this many fetches have completed since the last purge, the lists of watchers of the fetch purgatory are purged of them. Until then PurgatorySize counts them.
setting-producer-purgatory-purge-interval-requests = Once more than this many produce requests have completed since the last purge, the lists of watchers of the produce purgatory are purged of them. Until then PurgatorySize counts them.
setting-queued-max-requests = So many requests may wait for a handler thread. Where as many do, network threads stop reading.
setting-socket-request-max-bytes = The largest request that a listener reads, in bytes. A larger one closes its connection as soon as its size is read.
setting-max-connections-per-ip = So many connections one address may have at a listener. One more is closed as soon as it is accepted. Every node and every client has an address of its own; all hand-written requests come from one.
setting-cordoned-log-dirs = Log directories that take no new replicas, or * for all. What is in them stays and goes on.
setting-delete-topic-enable = Whether topics may be deleted. Where not, DeleteTopics is answered with TOPIC_DELETION_DISABLED.
setting-max-request-partition-size-limit = How many partitions one answer to DescribeTopicPartitions tells of at most. It names where the next one begins.
setting-group-coordinator-rebalance-protocols = Which protocols groups may have: classic, consumer (KIP-848), streams. Without consumer its requests are answered with UNSUPPORTED_VERSION.
setting-connections-max-idle-ms = A connection on which nothing passes for so long is closed, in milliseconds, even while a request waits for its answer; a negative time is no limit. Listeners and clients each go by their own setting.
setting-controller-quota-window-num = How many windows' worth of tokens the controller keeps for a client with a controller_mutation_rate: so large a burst of new or deleted partitions passes.
setting-controller-quota-window-size-seconds = How long each of these windows is, in seconds.
setting-quota-window-num = Over how many samples a client's rate is taken that a quota bounds.
setting-quota-window-size-seconds = How long each of these samples is, in seconds. Quotas of thread time throttle for one sample at most.
setting-log-flush-offset-checkpoint-interval-ms = How often the recovery point is written, in milliseconds.
setting-log-flush-start-offset-checkpoint-interval-ms = How often log start offsets are written, in milliseconds.
setting-log-initial-task-delay-ms = After which time a broker that starts looks after its logs for the first time, in milliseconds.
setting-message-max-bytes = The largest batch, in bytes.
setting-auto-create-topics-enable = Whether an unknown topic is created when a client asks about it.
setting-authorizer-class-name = Who decides what clients may do. Without one every request is allowed.
setting-super-users = The principals that may do everything, whatever access rules say, with semicolons between them.
setting-allow-everyone-if-no-acl-found = Whether everybody may use a resource that no access rule concerns.
setting-replica-selector-class = Who chooses the replica that a consumer reads from.
setting-eligible-leader-replicas-version = Eligible leader replicas (KIP-966): 1 on, 0 off.
setting-replica-lag-max-messages = Historical (before 0.9): a follower so many records behind leaves the ISR. 0 is off.
setting-truncation = Historical: how a follower finds where to truncate. The value high-watermark is the way before KIP-101 (0.11), leader-epoch KIP-101's own form before KIP-279, fetch today's (KIP-595).
setting-pre-vote = Historical: whether a voter of the metadata log asks the others first if an election would have a chance (KIP-996). With false, the way before 4.0, every voter that misses its leader raises the epoch.
setting-raft = None of Kafka's settings, for comparison: how the voters of the metadata log follow their leader. With kraft, Kafka's way, they fetch. With textbook, the way of Raft's paper, the leader sends AppendEntries at least every 50 ms, and a voter that receives none for 150 to 300 ms stands for election. All voters must have the same; voters that the log itself names (initial.controllers) always fetch.
setting-cleanup-policy = What happens to old records.
setting-segment-bytes = Bytes after which a log begins a new segment.
setting-internal-segment-bytes = Kafka's own setting for tests, for segments below 1 MiB, the least that segment.bytes may be (KIP-1030); 0 for none.
setting-segment-ms = Time after which a log begins a new segment, in milliseconds.
setting-segment-jitter-ms = At most how much earlier a log begins a new segment than segment.ms says, in milliseconds.
setting-segment-index-bytes = Bytes of a segment's offset index.
setting-index-interval-bytes = Bytes between two entries of the sparse index.
setting-retention-ms = How long records are kept, in milliseconds; -1 for ever.
setting-retention-bytes = How many bytes of a log are kept; -1 for all.
setting-delete-retention-ms = How long a tombstone is kept after compaction, in milliseconds.
setting-min-cleanable-dirty-ratio = How much of a log must be uncleaned before compaction, from 0 to 1.
setting-min-compaction-lag-ms = How long a record is safe from compaction, in milliseconds.
setting-max-compaction-lag-ms = How long a record may wait for compaction, in milliseconds.
setting-file-delete-delay-ms = How long a deleted segment's files stay, in milliseconds.
setting-preallocate = Whether a segment's file has its full size from the start.
setting-flush-messages = Messages after which a log is flushed; by default never.
setting-flush-ms = Time after which a log is flushed, in milliseconds; by default never.
setting-max-message-bytes = The largest batch, in bytes.
setting-message-timestamp-type = Whose clock stamps records.
setting-message-timestamp-before-max-ms = How far a record's time may be in the past, in milliseconds.
setting-message-timestamp-after-max-ms = How far a record's time may be in the future, in milliseconds.
setting-compression-gzip-level = How hard gzip tries; -1 for its default.
setting-compression-lz4-level = How hard lz4 tries.
setting-compression-zstd-level = How hard zstd tries.
setting-leader-replication-throttled-replicas = Replicas whose leaders are throttled.
setting-follower-replication-throttled-replicas = Replicas whose followers are throttled.
setting-remote-storage-enable = Whether old segments go to tiered storage.
setting-local-retention-ms = How long records are kept locally, in milliseconds; -2 as retention.ms.
setting-local-retention-bytes = How many bytes are kept locally; -2 as retention.bytes.
setting-remote-log-copy-disable = Whether nothing more goes to tiered storage.
setting-remote-log-delete-on-disable = Whether what is in tiered storage is deleted when it is switched off.
setting-acks = How many replicas must have a record: all, 1 or 0.
setting-linger-ms = How long a batch waits for company, in milliseconds.
setting-client-id = What the client calls itself. Quotas, groups and logs know it by this name; left out, it is a name with the client's number.
setting-batch-size = Bytes at which a batch goes out at once.
setting-retries = How often a batch is sent again.
setting-retry-backoff-ms = How long a producer waits before it tries again, in milliseconds.
setting-socket-connection-setup-timeout-ms = How long a connection may take to open, in milliseconds. Each further failure doubles it.
setting-socket-connection-setup-timeout-max-ms = How long a connection may take to open at most, in milliseconds.
setting-reconnect-backoff-ms = How long a broker is left alone after a connection to it has ended or could not be made, in milliseconds. Each further failure doubles it.
setting-reconnect-backoff-max-ms = How long such a broker is left alone at most, in milliseconds.
setting-request-timeout-ms = How long it waits for an answer, in milliseconds.
setting-delivery-timeout-ms = How long a record may take until it is acknowledged or abandoned, in milliseconds.
setting-max-in-flight-requests-per-connection = Batches in flight over one connection.
setting-enable-idempotence = Whether a batch that is sent twice is stored once.
setting-max-request-size = The largest request, in bytes.
setting-metadata-max-age-ms = How old metadata may grow, in milliseconds.
setting-simulated-compressed-percent = What compressed records take of their bytes, in percent. A setting of the simulation, which has no codecs.
setting-partitioner-ignore-keys = Whether keys choose no partition.
setting-partitioner-class = What chooses partitions: the built-in partitioner where empty, Kafka's RoundRobinPartitioner, or the DefaultPartitioner of Kafka before 2.4.
setting-key-serializer = How the application's keys become bytes.
setting-value-serializer = How the application's values become bytes.
setting-key-deserializer = How bytes become keys for the application.
setting-value-deserializer = How bytes become values for the application.
setting-buffer-memory = Memory for batches that are not done, in bytes. Each takes at least batch.size of it.
setting-max-block-ms = How long send() waits for metadata and for memory, in milliseconds.
setting-transactional-id = The name under which the transactions of this producer are known; empty for no transactions. A new process with the same name fences the one before.
setting-transaction-timeout-ms = How long a transaction may be open before its coordinator aborts it, in milliseconds.
setting-auto-offset-reset = Where to begin where nothing is committed.
setting-fetch-min-bytes = How many bytes a fetch waits for.
setting-fetch-max-wait-ms = How long a fetch waits, in milliseconds.
setting-fetch-max-bytes = At most so many bytes in a fetch.
setting-max-partition-fetch-bytes = At most so many bytes of one partition.
setting-max-poll-records = At most so many records a poll.
setting-max-poll-interval-ms = At most so long between two polls, in milliseconds.
setting-session-timeout-ms = How long the coordinator bears silence, in milliseconds.
setting-heartbeat-interval-ms = How often a member says that it lives, in milliseconds.
setting-auto-commit-interval-ms = How often the consumer commits by itself, in milliseconds.
setting-isolation-level = Which records of transactions it sees.
setting-client-rack = Its rack (KIP-392).
setting-security-protocol = What its connections speak: PLAINTEXT, or SSL for TLS, over which a broker cannot send records out of the page cache without copying them. It holds for connections that are opened from then on; here brokers take both on one listener.
setting-group-instance-id = The member's name in static membership.
setting-group-protocol = Who computes the assignment: a member (classic) or the broker (consumer). A change takes effect when the consumer is started again.
setting-group-remote-assignor = Which of the broker's assignors the member asks for.
setting-partition-assignment-strategy = The assignors that a member supports, the preferred one first.
setting-latency-ms-min = The shortest time that a message takes in the simulated network.
setting-latency-ms-max = The longest time that a message takes in the simulated network.
setting-network-request-ms = A network thread's time for each request that it reads and each answer that it sends, in milliseconds.
setting-network-bytes-per-ms = How many bytes of records a network thread reads or sends in a millisecond; 0 for no limit.
setting-network-copied-bytes-per-ms = How many bytes of records a network thread copies from buffer to buffer in a millisecond, where TLS keeps the kernel from sending them out of the page cache; 0 for no limit.
setting-handler-request-ms = A handler thread's time for each request, in milliseconds.
setting-handler-append-ms = A handler thread's additional time for each partition that it appends to, in milliseconds.
setting-handler-append-bytes-per-ms = How many bytes of records a handler thread checks and appends in a millisecond; 0 for no limit.
setting-controller-quorum-election-timeout-ms = How long a voter waits for a leader before it asks for votes, in milliseconds; and a random part of as much again.
setting-controller-quorum-fetch-timeout-ms = How long a follower of the metadata log’s leader tolerates its silence, in milliseconds.
setting-controller-quorum-election-backoff-max-ms = The longest that a voter waits after its leader resigned, in milliseconds.
setting-controller-quorum-request-timeout-ms = How long a node of the quorum waits for an answer of another, in milliseconds.
setting-controller-quorum-auto-join-enable = Whether a controller that does not vote asks the leader to make it a voter (4.2, KIP-1186). Only where the voters can change.
setting-controller-quorum-retry-backoff-ms = How long it leaves a node alone that failed, in milliseconds.
setting-controller-quorum-fetch-max-bytes = At most so many bytes of the metadata log in the answer to a fetch; a first batch may be larger.
setting-initial-controllers = The controllers that kafka-storage format --initial-controllers named, ids with commas: they vote first, the others are added with kafka-metadata-quorum add-controller (KIP-853). Empty: every controller votes, and the voters never change.
setting-controller-quorum-fetch-snapshot-max-bytes = At most so many bytes of a snapshot of the metadata log in the answer to a FetchSnapshot.
setting-metadata-log-max-record-bytes-between-snapshots = After so many bytes of the metadata log a node makes a snapshot of it.
setting-metadata-log-max-snapshot-interval-ms = After so many milliseconds a node makes a snapshot with the next record, however few bytes came; 0 for never.
setting-metadata-max-retention-bytes = Above so many bytes of metadata log and snapshots together, the oldest snapshot goes and with it the log below the next one; -1 for no limit. The newest snapshot always stays.
setting-metadata-max-retention-ms = A snapshot of the metadata log that is older than this goes once a newer one is there, in milliseconds; -1 for no limit.

## Metrics

metric-request-queue-size = Requests that wait for a handler thread.
metric-request-queue-size-advice = It grows where handler threads cannot keep up: look at RequestHandlerAvgIdlePercent and LocalTimeMs. At queued.max.requests network threads stop reading.
metric-response-queue-size = Answers that wait for their network threads.
metric-response-queue-size-advice = It grows where network threads cannot keep up: look at NetworkProcessorAvgIdlePercent, and raise num.network.threads.
metric-network-processor-avg-idle-percent = The share of their time in which network threads were idle. Waiting for room in the request queue is not idle.
metric-network-processor-avg-idle-percent-advice = Below 30 % network threads are the bottleneck, or the request queue is full.
metric-request-handler-avg-idle-percent = The share of their time in which handler threads were idle.
metric-request-handler-avg-idle-percent-advice = Below 30 % handler threads are the bottleneck: find the request type with the long LocalTimeMs, or raise num.io.threads.
metric-connection-count = Connections that are open at the listener, of all its network threads: clients, other brokers, controllers.
metric-connection-count-advice = It grows where clients open connections and do not use them: each client has one per broker, a consumer a second one to its group's coordinator, and closes them after connections.max.idle.ms. Clients that are made anew for every message show here first.
metric-connection-creation-rate = Connections that were accepted, per second.
metric-connection-creation-rate-advice = In a steady cluster it is close to 0. Many a second mean clients that are made and closed again and again, or whose connections break.
metric-connection-close-rate = Connections that were closed, at either end, per second.
metric-requests-per-sec = Requests of this type that were answered, per second.
metric-total-time-ms = From the request queue until the answer was sent: the mean of those answered between two samples.
metric-total-time-ms-advice = Its parts say where the time goes: RequestQueueTimeMs, LocalTimeMs, RemoteTimeMs, ResponseQueueTimeMs, ResponseSendTimeMs. How long a request lay in the socket before, no metric tells.
metric-request-queue-time-ms = In the request queue, waiting for a handler thread.
metric-request-queue-time-ms-advice = Long where handler threads are busy.
metric-local-time-ms = At a handler thread: checks, the append to the log, reading it.
metric-local-time-ms-advice = Long for Produce where the disk is slow.
metric-remote-time-ms = In purgatory: of Produce for the in-sync replicas, of Fetch for enough bytes.
metric-remote-time-ms-advice = For Produce with acks=all it is the time of the slowest in-sync follower. For a fetch of an idle partition it is fetch.max.wait.ms and no cause for concern.
metric-response-queue-time-ms = In the response queue, waiting for the network thread of the connection.
metric-response-send-time-ms = While the network thread sent the answer.
metric-throttle-time-ms = For how long answers of this type asked their clients to pause, because of a quota. Their connections stay muted for that long.
metric-throttle-time-ms-advice = Anything but 0 means that a user or a client is above its quota: the tab “Pipeline” shows which.
metric-errors-per-sec = Errors of this kind in answers to this request, per second. An answer about several partitions may hold several.
metric-errors-per-sec-advice = A few NOT_LEADER_OR_FOLLOWER around an election are normal: clients look for the new leader. Errors that do not stop want a look at who asks, and for what.
metric-num-delayed-operations = Requests that wait: Produce for its in-sync replicas, Fetch for fetch.min.bytes or until its time is up. One fetch of each idle consumer and follower is normal.
metric-purgatory-size = Entries on the lists of watchers, not requests: a request has one for each partition that it watches, and what has completed keeps its entries until the partition changes or purgatory.purge.interval.requests have completed. It grows in an idle cluster, too, and that is no backlog.
metric-bytes-in-per-sec = Bytes that producers brought, per second.
metric-bytes-out-per-sec = Bytes that consumers were sent, per second.
metric-messages-in-per-sec = Records that producers brought, per second.
metric-replication-bytes-in-per-sec = Bytes that this broker fetched from leaders, per second.
metric-replication-bytes-out-per-sec = Bytes that followers were sent, per second.
metric-under-replicated-partitions = Partitions led here of which not every replica is in sync.
metric-under-replicated-partitions-advice = Anything but 0 means that a broker is down or behind.
metric-under-min-isr-partition-count = Partitions led here with fewer replicas in sync than min.insync.replicas.
metric-under-min-isr-partition-count-advice = Producers with acks=all get NOT_ENOUGH_REPLICAS.
metric-at-min-isr-partition-count = Partitions led here with just min.insync.replicas in sync.
metric-at-min-isr-partition-count-advice = One more replica lost, and producers with acks=all are turned away.
metric-leader-count = Partitions that this broker leads.
metric-partition-count = Replicas on this broker.
metric-isr-shrinks-per-sec = How often the ISR of a partition led here became smaller, per second.
metric-isr-expands-per-sec = How often the ISR of a partition led here became larger, per second.
metric-max-lag = How many records the replica here that is furthest behind is behind its leader.
metric-active-controller-count = 1 on the active controller, 0 on the others.
metric-active-controller-count-advice = The sum over all controllers must be 1.
metric-offline-partitions-count = Partitions without a leader.
metric-offline-partitions-count-advice = Anything but 0: nobody can write to these partitions or read from them.
metric-active-broker-count = Brokers that are registered and not fenced.
metric-fenced-broker-count = Brokers that are registered and fenced.
metric-preferred-replica-imbalance-count = Partitions whose leader is not the first of their replicas.
metric-election-from-eligible-leader-replicas-per-sec = Leaders elected from the eligible leader replicas (ELR), per second.
metric-election-from-eligible-leader-replicas-per-sec-advice = By design it loses no committed record, but the ISR was empty: find out what took its last members.
metric-unclean-leader-elections-per-sec = Leaders elected from outside the ISR and the ELR, per second.
metric-unclean-leader-elections-per-sec-advice = Each may have lost committed records.

## Transactions

txn-open-lab = Open the request lab
txn-state-empty = The producer has its id and epoch. No transaction has begun since.
txn-state-ongoing = A transaction is open. Its records are in the logs, but nobody knows yet whether they count.
txn-state-preparecommit = The commit is certain. Each partition still has to get its COMMIT marker.
txn-state-prepareabort = The abort is certain. Each partition still has to get its ABORT marker.
txn-state-completecommit = Committed: every partition has its marker. The next transaction may begin.
txn-state-completeabort = Aborted: every partition has its marker. The next transaction may begin.
txn-state-dead = The id is forgotten: nobody has used it for transactional.id.expiration.ms.
txn-state-prepareepochfence = The coordinator fences the producer before it aborts its transaction.
txn-pending = { $state } is prepared and takes effect once its record in __transaction_state is committed. Until then another change gets CONCURRENT_TRANSACTIONS.
txn-pending-markers-first = { $state } is prepared. It is written once every partition has its marker; until then another change gets CONCURRENT_TRANSACTIONS.
txn-marker-waits = No transaction is open here, but a marker is not below the HW yet: the LSO waits for it.
txn-axis-both = read by both
txn-axis-held = read_uncommitted only, so far
txn-axis-aborted = aborted
txn-times-out = Until the coordinator may abort it: { $left }
txn-hangs = It has been open { $ms } ms longer than transaction.timeout.ms allows.
txn-abort-check = Next look of the coordinator: in { $left }
txn-diagram = States of the transactional id. Now: { $state }. Possible next: { $next }.
txn-producer-id = Producer id
txn-epoch = Epoch
txn-version = Transaction version
txn-timeout = transaction.timeout.ms
txn-no-timeout = none: somebody outside Kafka ends it
txn-next = Possible next
txn-in-it = Partitions in the transaction
txn-none-in-it = No partition is in it.
txn-pending-markers = Which partitions still need the marker?
txn-all-markers = Every partition has its marker.
txn-no-leader = nobody leads it: the marker waits
txn-marker-at = the marker is due at broker { $node }
txn-led-by = leader: broker { $node }
txn-log = What has the coordinator written down?
txn-partitions = What do readers get?
txn-no-partition = No partition has records of a transaction yet.
txn-readers-mean = A consumer with isolation.level=read_uncommitted reads up to the HW. One with read_committed reads up to the LSO and leaves out what was aborted, by the list that the broker sends along.
txn-lso = LSO
txn-hw = HW
txn-leo = LEO
txn-none-open = No transaction is open here.
txn-open-from = Open from offset { $offset }: producer id { $id }, epoch { $epoch }
txn-unknown-owner = No coordinator knows this transaction: it hangs until somebody aborts it by hand (kafka-transactions.sh).
txn-index = Aborted, by the transaction index:
txn-aborted = Producer id { $id }: offsets { $first } to { $last }; the LSO was then { $lso }
txn-no-record = No record is kept.
txn-records-of = Records of { $partition }
txn-offset = Offset
txn-fate = What it is
txn-not-yet = not yet
txn-left-out = left out
txn-never = never given out
txn-fate-plain = no transaction
txn-fate-open = open, producer id { $id }
txn-fate-committed = committed, producer id { $id }
txn-fate-aborted = aborted, producer id { $id }
txn-fate-commit-marker = COMMIT marker of producer id { $id }
txn-fate-abort-marker = ABORT marker of producer id { $id }

## What became of each record

ledger-empty = The application has not sent a record.
ledger-summary = { $records ->
    [one] 1 record, the newest first.
   *[other] { $records } records, the newest first.
}
ledger-left-out = { $records } older ones are not shown.
ledger-count-lost = { $records } lost
ledger-count-passed-over = { $records } committed unprocessed
ledger-count-stored-twice = { $records } stored more than once
ledger-count-processed-twice = { $records } processed more than once
ledger-count-stored-unacknowledged = { $records } stored without acknowledgement
ledger-finding-lost = Lost: it was acknowledged, and the leader's log does not have it.
ledger-finding-passed-over = Some group has committed past it and has not processed it.
ledger-finding-stored-twice = It is in the log more than once.
ledger-finding-processed-twice = Some group has processed it more than once.
ledger-finding-stored-unacknowledged = The application got no acknowledgement, and it is in the log all the same.
ledger-sent = send()
ledger-awaits-metadata = waits for metadata
ledger-awaits-memory = waits for buffer memory
ledger-accumulated = { $attempts ->
    [0] waits in a batch
   *[other] waits to be sent again; sent { $attempts } × so far
}
ledger-in-flight = { $attempts ->
    [1] in flight to broker { $node }
   *[other] in flight to broker { $node }, sent { $attempts } ×
}
ledger-sent-without-answer = sent, no answer awaited
ledger-acknowledged = { $attempts ->
    [1] acknowledged at offset { $offset }
   *[other] acknowledged at offset { $offset }, sent { $attempts } ×
}
ledger-failed = callback with { $error }
ledger-aborted = thrown away with its transaction
ledger-abandoned = abandoned when the producer was closed
ledger-forgotten = the process died before the callback
ledger-stored = stored at { $offset }
ledger-stored-above = stored at { $offset }, above the high watermark
ledger-stored-open = stored at { $offset }, in an open transaction
ledger-stored-aborted = stored at { $offset }, in an aborted transaction
ledger-unread = { $group }: not processed
ledger-committed-unread = { $group }: committed, not processed
ledger-processed = { $group }: processed { $times } ×, not committed
ledger-processed-committed = { $group }: processed { $times } ×, committed

## A coordinator's log

coordinator-log-none = Nobody leads the coordinator's partition now.
coordinator-log-empty = No record of it is among the newest batches.
coordinator-log-line = leader: broker { $node }, epoch { $epoch } · HW { $hw } · LEO { $leo }
coordinator-record-offset-commit = { $about }: the next offset to read is { $value }
coordinator-record-offset-commit-gone = { $about }: the committed offset is deleted
coordinator-record-group-metadata = Generation { $value } with { $count ->
    [one] 1 member and its assignment
   *[other] { $count } members and their assignments
 }
coordinator-record-group-metadata-gone = The group is deleted
coordinator-record-consumer-group-metadata = Group epoch { $value }
coordinator-record-consumer-group-metadata-gone = The group is deleted
coordinator-record-consumer-group-partition-metadata = The partitions of the subscribed topics
coordinator-record-consumer-group-partition-metadata-gone = The partitions of the subscribed topics are deleted
coordinator-record-consumer-group-member-metadata = Member { $about }: who it is and what it subscribes to
coordinator-record-consumer-group-member-metadata-gone = Member { $about } is gone
coordinator-record-consumer-group-target-assignment-metadata = The target assignment is that of epoch { $value }
coordinator-record-consumer-group-target-assignment-metadata-gone = The target assignment is deleted
coordinator-record-consumer-group-target-assignment-member = Target of member { $about }: { $count ->
    [one] 1 partition
   *[other] { $count } partitions
 }
coordinator-record-consumer-group-target-assignment-member-gone = Member { $about } has no target any more
coordinator-record-consumer-group-current-member-assignment = Member { $about } in epoch { $value }: { $count ->
    [one] 1 partition
   *[other] { $count } partitions
 } assigned
coordinator-record-consumer-group-current-member-assignment-gone = The assignment of member { $about } is deleted
coordinator-record-consumer-group-regular-expression = What { $about } stands for
coordinator-record-consumer-group-regular-expression-gone = Nobody subscribes with { $about } any more
coordinator-record-transaction-log = { $about }: producer id { $value }, epoch { $count }
coordinator-record-transaction-log-gone = The transactional id is forgotten

## Groups

group-state-empty = It has no members. What it has committed stays.
group-state-preparingrebalance = It waits for its members to send JoinGroup, at most for their rebalance timeout.
group-state-completingrebalance = All who came have joined. It waits for the assignment that its leader, a client, sends with SyncGroup.
group-state-stable = Every member has what it was assigned.
group-state-dead = It is deleted, or its coordinator has moved.
group-state-assigning = The group epoch has risen: the coordinator has to compute a target assignment for it.
group-state-reconciling = The target assignment is computed. The members go there one by one, each in its own epoch.
group-field-protocol = Protocol
group-is-classic = classic: a client assigns
group-is-consumer = consumer (KIP-848): the coordinator assigns
group-field-generation = Generation
group-field-epoch = Group epoch
group-field-assignment-epoch = Assignment epoch
group-field-assignor = Assignor
group-field-leader = Leader of the group
group-field-coordinator = Coordinator
group-members = Who is in the group?
group-no-member = The group has no members. Start a consumer of it from its window, and press Forward.
group-foreign-member = A member that is no client of this cluster
group-leads = leads the group
group-member-id = Member id
group-client-id = client.id
group-instance-id = group.instance.id
group-member-epoch = Member epoch
group-member-state = State
group-member-speaks = Speaks
group-member-holds = Assigned
group-member-revoking = Pending revocation
group-member-target = Target
group-no-partition = no partition
group-not-member = not a member
group-before = Before the rebalance: { $before }
group-revoked = − { $partitions } revoked
group-gained = + { $partitions } gained
group-unchanged = unchanged
group-positions = How far is the group?
group-no-position = Nothing is assigned and nothing is committed. Press Forward until the members have their partitions.
group-reader = Reader
group-owner-only = { $owner } (does not read yet)
group-nobody = nobody
group-two-readers = { $readers }: both take it for theirs
group-axis = Offsets { $from } to { $to }
group-timers = What runs out when?
group-no-timer = No timer of the group is set.
group-timer = Timer
group-timer-about = About
group-timer-of = Runs at
group-timer-left = Left
group-rebalance = What did the last rebalance cost?
group-no-rebalance = The group has not been rebalanced since the run began. Close or crash one of its consumers, or start another, and press Forward.
group-rebalance-took = It took { $ms } ms at the coordinator, until the group was at rest again.
group-rebalance-runs = It has been under way for { $ms } ms.
group-no-pause = No partition has been without a reader.
group-pauses = How long nobody read each partition
group-pause-from-to = From → to
group-pause-ms = Nobody read it for
group-pause-means = A pause begins when the last reader revokes the partition or ends, and is over with the next fetch that names it. A reader that has revoked nothing has stopped with its last fetch.
group-nobody-yet = nobody yet
group-ms = { $ms } ms
group-log = What has the coordinator written down?

## The quorum

quorum-ring = The voters of the metadata log
quorum-logs = The metadata logs, on one axis of offsets
quorum-log-start = The log starts at offset { $offset }
quorum-snapshot = Snapshot { $file }
quorum-snapshots = The snapshots beside the log of controller { $id }
quorum-snapshot-size = { $records ->
    [one] one record
   *[other] { $records } records
  }, { $bytes } bytes
quorum-fetching-snapshot = Fetches the snapshot up to offset { $offset }, epoch { $epoch }: { $bytes } bytes so far
quorum-records = The newest records in the log of controller { $id }
quorum-epoch = Epoch { $epoch }
quorum-election-of = Election, epoch { $epoch }
quorum-no-leader = No leader
quorum-majority = a majority is { $majority }
quorum-votes = { $got } of { $majority } votes
quorum-all-committed = all is committed
quorum-offset-on = offset { $offset } on { $got } of { $majority }
quorum-timer-election = Election timeout in { $ms } ms
quorum-timer-fetch = Abandons its leader in { $ms } ms unless a fetch succeeds
quorum-timer-check-quorum = Resigns in { $ms } ms unless a majority fetches
quorum-applied = applied to { $offset }
quorum-field-epoch = epoch
quorum-field-leader = leaderId
quorum-field-voted = votedId
quorum-field-log = log
quorum-field-hw = high watermark
quorum-unacknowledged = Not told yet that it leads no more: { $who }
quorum-pre-votes = Pre-votes
quorum-votes-of = Votes
quorum-replicas = What it knows of the others’ logs
quorum-voter = voter
quorum-observer = observer
quorum-is-observer = It has the log and does not vote: an observer, until kafka-metadata-quorum add-controller makes it a voter.
quorum-fetched = fetched
quorum-caught-up = caught up
quorum-waiting = Requests that wait here
quorum-waits-committed = The answer to { $api } of { $who } leaves once the log is committed up to { $offset }
quorum-waits-records = { $api } of { $who } waits for records from { $offset } on, or for a newer high watermark

## The request pipeline

pipeline-listener = Listener
pipeline-listener-broker = Clients and followers
pipeline-listener-controller = Controller
pipeline-down = This process is not running, or has no such listener.
pipeline-connections = Connections
pipeline-processors = Network threads
pipeline-request-queue = Request queue
pipeline-handlers = Handler threads
pipeline-remote = Purgatory
pipeline-responses = Response queues
pipeline-connection-count = { $count ->
    [one] { $count } connection, { $muted } muted
   *[other] { $count } connections, { $muted } muted
 }
pipeline-muted = Muted
pipeline-muted-until = Muted by a quota until { $at } ms
pipeline-quotas = Client quotas
pipeline-quota-bytes = { $rate } of { $bound } bytes/s
pipeline-quota-time = { $rate } of { $bound } %
pipeline-quota-tokens = { $rate } tokens left, { $bound } come in a second
pipeline-throttled-until = throttled until { $at } ms
pipeline-encrypted = TLS
pipeline-zero-copy = Records sent: { $bytes } bytes by zero-copy (sendfile)
pipeline-copied = { $bytes } bytes encrypted: { $copied } bytes copied in { $copies } copies
pipeline-unread = { $count } unread
pipeline-idle = Idle
pipeline-mean = mean { $ms } ms
pipeline-busy = { $busy } of { $all } busy
pipeline-waiting = { $count ->
    [one] { $count } request waits for something to happen
   *[other] { $count } requests wait for something to happen
 }
pipeline-queue-full = The queue is full: network threads wait for room and read nothing.
pipeline-follow = Follow { $request }
pipeline-costs = What the places cost
pipeline-costs-text = At first nothing takes time here. Give the places a price in milliseconds, or change the thread pools, and see where requests wait.
pipeline-controller-free = The places of the controller listener cost nothing.
pipeline-under-way = Under way
pipeline-nothing-under-way = No request is under way at this listener.
pipeline-answered = Answered: { $count }
pipeline-answered-at = Answered at { $at } ms, TotalTimeMs { $ms }

## Property files

config-files = From server.properties
config-files-text = Paste the server.properties of each node, or drop the files here. Each mistake is shown at its line, with what Kafka 4.3 says.
config-file-name = Name
config-file-text = Text of { $name }
config-add = Add a node
config-open = Open files …
config-remove = Remove { $name }
config-of-run = Files of this run
config-save = Save { $name }
config-with-clients = With the topic orders, a producer and a consumer
config-build = Build this cluster
config-line = Line { $line }
config-whole = Whole file
config-kafka-says = Kafka 4.3 says
config-count = { $mistakes ->
    [0] No mistakes
    [one] One mistake
   *[other] { $mistakes } mistakes
}, { $warnings ->
    [0] no warnings
    [one] one warning
   *[other] { $warnings } warnings
}

## Measurements of lessons

measure-fill = Measure it
measure-again = Measure again
measure-running = Measuring …
measure-figure = { $number }
measure-voters = Voters
measure-needed = Needed for a leader
measure-tolerated = May fail
measure-partitions = Partitions
measure-moved = Leaders moved
measure-controller-ms = New controller after, ms
measure-first-leader-ms = First new leader after, ms
measure-last-leader-ms = Last new leader after, ms
measure-kraft-messages = KRaft: leader's messages a second
measure-kraft-noticed-ms = KRaft: missed after, ms
measure-kraft-leader-ms = KRaft: new leader after, ms
measure-textbook-messages = Textbook: leader's messages a second
measure-textbook-noticed-ms = Textbook: missed after, ms
measure-textbook-leader-ms = Textbook: new leader after, ms

## The table of metrics

metrics-mark = Compare from here
metrics-since = Was: at { $at } ms
metrics-since-last = Was: at the sample before
metrics-of-client = How long its requests took until they were answered, over the last minute: a producer's Produce, a consumer's Fetch. A fetch that finds nothing waits for fetch.max.wait.ms.
metrics-requests = Requests
metrics-throughput = Throughput
metrics-replication = Replication
metrics-controller = Controller

## Presets

preset-first-minute = The first minute
preset-first-minute-text = Three brokers, one partition, and one record from the producer to its committed offset.
preset-acks-one = acks=1
preset-acks-one-text = The same cluster, but the leader answers as soon as it has the record.
preset-six-brokers = Six brokers
preset-six-brokers-text = Six partitions, two producers, three consumers, three racks.
preset-three-controllers = Three controllers
preset-three-controllers-text = A quorum of three voters keeps the metadata log: crash its leader and watch the election in the tab “Quorum”.
preset-textbook-raft = Textbook Raft
preset-textbook-raft-text = The same three controllers with raft=textbook: the leader sends heartbeats, as in Raft's paper. Kafka does not work so; compare the two.
preset-min-insync-two = min.insync.replicas=2
preset-min-insync-two-text = Three partitions, two consumers. Crash brokers and see when writes are rejected.

## Roles in the quorum

role-unattached = It knows an epoch and no leader, and waits for its election timeout.
role-prospective = It asks whether an election would have a chance. Nobody is bound by the answer, and the epoch stays (KIP-996).
role-candidate = It has raised the epoch, voted for itself, and asks the others for their votes.
role-leader = It appends to the metadata log. What a majority has fetched is committed.
role-follower = It fetches from the leader, as brokers do.
role-resigned = It led and leads no more. It tells the others, so that they need not wait for their timeouts.

## The perf test

perf-test = Producer perf test
perf-test-start = Start the test
perf-test-records = Records
perf-test-throughput = Records per second
perf-test-size = Bytes per value
perf-test-keys = Keys, in turn (0: none)
perf-test-progress = { $sent } of { $records } records handed over, at { $throughput } per second.

## The panel of settings

settings-text = Every setting that the engine knows. A change of a topic, a broker or a group goes to the cluster as an admin’s IncrementalAlterConfigs; press Forward to let it travel.
settings-filter = Search names and meanings
settings-acting = Only settings that act here
settings-count = { $count } of { $all ->
    [one] 1 setting
   *[other] { $all } settings
 }
setting-type = Type
setting-default = Default
setting-values = Takes
setting-ours = A setting of Kafkascope
setting-read-only = A running process does not take a change of it.
setting-new-value = New value of { $name }
setting-set = Set
setting-on-its-way = Asked. It holds once the cluster has answered: press Forward.
setting-refused = The cluster rejected it: { $told }

## One metric

metric-was = Was
metric-now = Now
metric-course = Course
metric-plot = Plot { $name }
metric-plot-said = { $name }: now { $now }, at most { $top }
metric-at = { $value } at { $at } ms. Click to go there.
metric-from = { $at } ms
metric-to = { $at } ms
metric-top = Highest: { $top }

## Where a setting comes from

source-topic = Set for this topic
source-dynamic-broker = Set for this broker while it runs
source-dynamic-default-broker = Set for all brokers while they run
source-static-broker = Set when the broker was started
source-default = Default
source-group = Set for this group
source-client = Set in this client
source-simulation = Of the simulation

## The legend

legend-leads = Leads the partition
legend-elected = Elected, or deposed, and not told yet
legend-epochs = Offsets, in the colour of the leader epoch they were written in
legend-epoch-name = Where leader epoch 0 begins
legend-changed = Changed in this step
legend-hw = High watermark: everything before it is committed
legend-leo = Log end offset: where the next record goes
legend-isr = In the ISR
legend-isr-leaves = The leader has asked to take it out of the ISR
legend-isr-enters = The leader has asked to take it into the ISR
legend-position = Position of consumer 1
legend-committed = Committed offset of consumer 1, where it is behind its position
legend-request = A request in flight
legend-answer = An answer in flight
legend-next = The message that arrives next
legend-broken = The news that a connection is closed
legend-link = A link; its knob opens what can be done to it
legend-trail = The way just travelled
legend-cut = A cut link
legend-paused = The process stands still
legend-slow-disk = Slow disk
legend-down = The process is down

## Why a command did nothing

error-no-such-node = There is no node { $node }.
error-no-such-producer = There is no producer { $producer }.
error-no-such-consumer = There is no consumer { $consumer }.
error-no-such-event = Event { $event } is not pending: it has already happened, or it was dropped.
error-behind-on-its-connection = Event { $event } cannot happen yet: something sent earlier on the same connection has not arrived, and nothing overtakes on a connection.
error-not-an-envelope = Event { $event } is not a message in flight. Only messages can be dropped, delayed or duplicated.
error-already-running = Node { $node } is already running.
error-not-running = Node { $node } is not running. Start it first.
error-not-paused = Node { $node } is not paused.
error-already-cut = The link from { $from } to { $to } is already cut.
error-not-cut = The link from { $from } to { $to } is not cut.
error-same-endpoint = { CAPITAL($actor) } cannot be cut off from itself.
error-bad-record = This record cannot be sent: { $reason }.
error-no-such-setting = There is no setting { $name } here.
error-bad-value = { $name } cannot be { $value }. Allowed: { $expected }.
error-invalid-config = Kafka rejects this: { $message }
error-request-unknown-field = { $at }: the request has no field { $field } here. Allowed fields: { $expected }.
error-request-not-in-version = { $at }: version { $version } of this request has no field { $field }. Leave the field out, or send a version that has it.
error-request-missing-field = { $at } is missing and has no default.
error-request-wrong-type = { $at } is { $found ->
    [null] null
    [boolean] a boolean
    [integer] an integer
    [fraction] a fractional number
    [string] a string
    [array] an array
   *[object] an object
 }. It must be { $expected ->
    [null] null
    [boolean] a boolean
    [integer] an integer
    [fraction] a number
    [string] a string
    [array] an array
   *[object] an object
 }.
error-request-out-of-range = { $at } cannot be { $found }: its type allows { $min } to { $max }.
error-request-unknown-value = { $at } cannot be { $found }. Allowed: { $expected }.
error-request-malformed = { $at } cannot be { $found }: it is not { $expected ->
    [uuid] a UUID (16 bytes in URL-safe base64 without padding)
    [base64] base64
   *[hexadecimal] hexadecimal (two digits per byte)
 }.
error-nothing-to-commit = Consumer { $consumer } has nothing to commit: it has read nothing yet.
error-nothing-to-process = Consumer { $consumer } holds no records that it has not processed.
error-not-assigned = Consumer { $consumer } has no current assignment for partition { $partition }.
error-negative-offset = A seek to { $offset }: the offset must not be negative.
error-mutually-exclusive-subscription = Consumer { $consumer } reads in another way already. Topics, a pattern and partitions by hand exclude each other until it calls unsubscribe().
error-empty-subscription = Consumer { $consumer } cannot subscribe to an empty name or pattern.
error-bad-pattern = { $pattern } cannot be read as a pattern: { $reason }.
error-not-subscribed = Consumer { $consumer } is not subscribed to any topics and has no partitions assigned: a poll would throw an IllegalStateException.
error-consumer-not-running = Consumer { $consumer } is down. Start it first.
error-consumer-running = Consumer { $consumer } is already running.
error-processes-by-itself = The application of consumer { $consumer } processes its records itself.
error-not-transactional = Producer { $producer } has no transactional.id, so it has no transactions.
error-invalid-transaction-state = Producer { $producer } cannot { $call }() while its transaction is { $state }.
error-transaction-call-timed-out = Producer { $producer } cannot { $call }(): its previous call of { $previous }() timed out and has to be repeated first.
error-producer-of-application = Producer { $producer } belongs to the application of consumer { $consumer }, which moves its transactions itself.
error-producer-not-running = Producer { $producer } is down. Start it first.
error-no-binary-form = The bytes are a { $api } request, of which only the header is read here. Write it by its fields instead.
error-probe-in-use = Probe { $probe } has sent something before. Bytes open a connection of their own: take another probe.
error-connection-not-open = Probe { $probe } has no open connection that was opened with bytes.
error-request-unfinished = The bytes sent last on the connection of probe { $probe } are a part of a request: another request cannot follow on it.
error-producer-running = Producer { $producer } is already running.
error-producer-closing = Producer { $producer } has been closed: nothing can be done with it any more.
error-fixed-setting = A client reads { $name } when it is created; it cannot be changed afterwards.
error-already-stopping = Node { $node } is already shutting down.
error-nothing-pending = Nothing is scheduled any more.
error-limit-reached = The simulation allows at most { $limit } ({ $what }).
not-opened-bad-json = This is not a run: line { $line }, column { $column }: { $reason }.
not-opened-bad-link = This link cannot be read: { $reason }.
not-opened-wrong-version = This run was saved in version { $found } of the format; this page reads version { $supported }.
not-opened-too-large = This run is too large: at most { $limit } ({ $what }) can be opened.
not-opened-bad-config = The cluster of this run cannot be built.
not-opened-commands-out-of-order = Command { $index } of this run, at position { $at }, stands before its predecessor.
not-opened-command-refused = Command { $index } of this run, at position { $at }, is rejected.
not-opened-no-broker = { $at }: there is no broker.
not-opened-no-controller = { $at }: there is no controller.
not-opened-duplicate-node = { $at }: two nodes have the id { $node }.
not-opened-out-of-range = { $at } cannot be { $value }: { $min } to { $max } is allowed.
not-opened-unknown-setting = { $at }: there is no setting { $name }.
not-opened-wrong-value = { $at }: { $name } cannot be { $value }. Allowed: { $expected }.
not-opened-invalid-config = { $at }: Kafka rejects this: { $message }
not-opened-bad-topic-name = { $at }: { $name } is not a valid topic name, or it is there twice.
not-opened-too-few-brokers = { $at }: { $wanted } replicas are wanted, but the number of brokers is { $brokers }.
not-opened-unknown-topic = { $at }: there is no topic { $name }.
not-opened-mutually-exclusive-subscription = { $at }: a consumer begins with topics, a pattern or assigned partitions. Only one of them may be there.
not-opened-empty-subscription = { $at } is empty.
not-opened-bad-pattern = { $at }: { $pattern } cannot be read as a pattern: { $reason }.
not-opened-never-rests = { $at }: the cluster does not come to rest. Start it with "start": "cold" to see why.

## Answers of lessons

answer-number = { $number }
answer-broker = Broker { $node }
answer-brokers = { $nodes }
answer-text = “{ $text }”
answer-controller = Controller { $node }
answer-probe = Probe { $number }
answer-word = { $word }
answer-nobody = Nobody
answer-nothing = Nothing is there

## Why a lesson's moves could not be made

lesson-stuck-refused = The cluster rejected a command.
lesson-stuck-no-such-envelope = The message in question is not in flight, or the timer is not set.
lesson-stuck-nothing-printed = “{ $line }” prints nothing by itself: it sends a request or is no line of a tool.
lesson-stuck-not-reached = It did not happen within { $withinMs } ms of virtual time.
lesson-stuck-at-an-end = Nothing is scheduled any more.
