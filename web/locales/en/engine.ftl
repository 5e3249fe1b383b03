# The engine in words: what a step was (step-), what it changed (change-), why a command did nothing (error-), why
# something has not happened yet (why-).
#
# Arguments are the fields of the engine's types, in camelCase. Numbers arrive as numbers; a partition as "orders-0"; a
# actor as the words of its actor- message; a list as "1, 2, 3", an empty one as "–"; true and false as those words; a missing value as "none".
# A change that replaces a value says `{ $from } → { $to }`, the old value right before the arrow.

## Who

actor-node = broker { $number }
actor-controller = controller { $number }
actor-producer = producer { $number }
actor-consumer = consumer { $number }
actor-admin = the admin client
actor-probe = probe { $number }

## What a person did

step-person-produces = You gave producer { $producer } a record for { $topic }. It is still inside the producer; nothing has been sent.
step-person-polls = You let consumer { $consumer } poll once.
step-person-commits = You let consumer { $consumer } commit its position.
step-person-crashes-process = You killed the process of node { $node }. What it wrote is in the machine's page cache and survives.
step-person-crashes-machine = You cut the power of node { $node }. What was not yet on its disk is gone.
step-person-starts = You started node { $node }. It first has to read its logs and checkpoints and to register.
step-person-shuts-down = You asked node { $node } to shut down. It gives its leaderships away before it ends.
step-person-pauses = You paused node { $node }. It stands still, and will not know afterwards how long.
step-person-resumes = Node { $node } runs again, with the beliefs it had when you paused it.
step-person-slows-disk = Each write to the disk of node { $node } takes { $byMs } ms now: produce requests and fetched records wait for it, one after the other.
step-person-cuts = You cut the way from { $from } to { $to }. What is sent that way waits until the link works again.
step-person-heals = The way from { $from } to { $to } works again.
step-person-drops = You dropped the { $api } message from { $from } to { $to }. Its sender learns nothing of it until a timeout.
step-person-delays = You held the { $api } message from { $from } to { $to } up by { $byMs } ms.
step-person-duplicates = You doubled the { $api } message from { $from } to { $to }. It arrives twice.
step-person-sets = You set { $name } to { $value }.
step-person-administers = You had the admin client send { $api }.
step-person-probes = You sent { $api } by hand to node { $node }, as probe { $probe }.

## The network and the request queue

step-request-arrived = { $api } from { $from } has arrived at node { $node }. It waits in the request queue for a handler thread.
step-connection-refused = { $from } sent { $api } to node { $node }, but no process listens there.
step-held-on-cut-link = { $api } from { $from } to { $to } is stuck on the cut link. Neither side is told; TCP sends it again once the link works.
step-late-answer = The answer to { $api } reached { $to } too late: it had already given the request up.
step-asker-gone = The answer to { $api } reached { $to }, but the process that had asked has ended.
step-peer-gone = The connection of { $actor } to { $peer } broke. Whatever was still unanswered on it is lost.
step-held-at-paused = { $api } from { $from } waits at node { $node }, which is paused.
step-timer-held-at-paused = A timer of node { $node } is due, but the process is paused. It fires when the process runs again.
step-waits-for-disk = What { $api } from { $from } brings is being written by the slow disk of node { $node }, until { $untilMs } ms.

## Producers

step-record-accumulated = Producer { $producer } put the record into its batch for { $partition }. The batch waits for linger.ms, or until it is full.
step-producer-needs-metadata = Producer { $producer } does not know the topic's partitions yet. It asks a broker for metadata before it chooses one.
step-producer-sends = Producer { $producer } sends { $records ->
    [one] one record
   *[other] { $records } records
 } for { $partition } to broker { $leader }, the leader it knows of.
step-producer-idle = Producer { $producer } looked for a batch to send and found none.
step-producer-learns-metadata = Producer { $producer } got metadata from broker { $node }. It now knows who leads each partition.
step-producer-acknowledged = Producer { $producer } has its acknowledgement: the record is at offset { $offset } of { $partition }.
step-producer-retries = Producer { $producer } got { $error } for { $partition }. That can pass, so it will try again.
step-producer-gives-up = Producer { $producer } gives its records for { $partition } up: { $error }. The application is told.

## A leader

step-leader-appended-waits = Broker { $node } appended a batch to { $partition } at offset { $baseOffset }, in leader epoch { $leaderEpoch }. With acks=all the answer waits in purgatory until the high watermark has passed offset { $lastOffset }.
step-leader-appended-commits = Broker { $node } appended a batch to { $partition } at offset { $baseOffset }, in leader epoch { $leaderEpoch }. It is the whole ISR itself, so the batch is committed at once, and acks=all has nothing to wait for.
step-leader-appended-answers = Broker { $node } appended a batch to { $partition } at offset { $baseOffset }, in leader epoch { $leaderEpoch }, and answers at once: acks=1 asks for no more. No follower has the batch yet.
step-leader-appended-silently = Broker { $node } appended a batch to { $partition } at offset { $baseOffset }, in leader epoch { $leaderEpoch }. With acks=0 nobody waits for an answer.
step-produce-refused = Broker { $node } refused the records for { $partition } with { $error }. Nothing was appended.
step-produce-failed-after-append = Broker { $node } answers a produce to { $partition } with { $error }, although the records are in its log: they may still be committed, and they may be lost.
step-fetch-moved-high-watermark = Broker { $follower } fetched { $partition } from offset { $offset }, so it has everything below. Now every replica that counts does, and the leader, broker { $node }, moves the high watermark to { $highWatermark }.
step-fetch-from-follower = Broker { $follower } fetched { $partition } from offset { $offset }. { $offset ->
    [0] So it has nothing yet, and the leader, broker { $node }, now knows.
   *[other] So it has everything below { $offset }, and the leader, broker { $node }, now knows.
 }
step-follower-fetch-waits = Broker { $node } has nothing new for follower { $follower }. The fetch waits in purgatory until a record comes or replica.fetch.wait.max.ms has passed.
step-follower-fetch-answered = Broker { $node } answered the fetch of follower { $follower } at once.
step-consumer-fetch-waits = Broker { $node } has nothing committed that { $consumer } has not read. The fetch waits in purgatory until fetch.min.bytes are there or fetch.max.wait.ms has passed.
step-consumer-fetch-answered = Broker { $node } answered the fetch of { $consumer } at once, with nothing at or above the high watermark.
step-fetch-refused = Broker { $node } refused the fetch of { $partition } by { $from }: { $error }.
step-leader-found-divergence = Broker { $node } told follower { $follower } where their logs of { $partition } part: its own leader epoch { $leaderEpoch } ends at offset { $endOffset }.
step-fetch-waited-enough = The fetch of { $to } waited its full time at broker { $node }. It is answered with what there is, even if that is nothing.
step-produce-timed-out = The produce of { $to } waited too long at broker { $node } and is answered REQUEST_TIMED_OUT. Its records stay in the log and may still be committed.
step-isr-checked = Broker { $node } looked whether a follower of its partitions lags. None is due to leave.
step-isr-shrink-proposed = A follower of { $partition } has not caught up within replica.lag.time.max.ms. Broker { $node } asks the controller for a smaller ISR; until the answer the old one counts.
step-isr-answered = The controller agreed to the ISR that broker { $node } asked for on { $partition }.
step-isr-refused = The controller refused the ISR that broker { $node } asked for on { $partition }: { $error }.

## A follower

step-follower-appended = Broker { $node } copied { $partition } up to offset { $lastOffset } from broker { $leader }. The leader learns of it only from the next fetch.
step-follower-learned-high-watermark = Broker { $leader } told broker { $node } the high watermark { $highWatermark } of { $partition }: a follower learns it from a fetch answer, after the leader moved it.
step-follower-truncated = { $by ->
    [leader-log-start] Broker { $node } threw its log of { $partition } away and begins anew at offset { $to }, where the log of leader { $leader } starts: all that it had was older.
    [leader-log-end] Broker { $node } cut its log of { $partition } off at offset { $to }, where the log of leader { $leader } ends.
    [high-watermark] Broker { $node } cut its log of { $partition } off at offset { $to }, its own high watermark. It trusts nothing above it, whether leader { $leader } has the same records or not.
   *[leader-epoch] Broker { $node } cut its log of { $partition } off at offset { $to }: the leader epochs of what stood there are not those that leader { $leader } has at these offsets.
 }
step-follower-fetched-nothing = Broker { $node } got an answer from broker { $leader } with no new records in it. It asks again.
step-follower-partition-failed = Broker { $node } could not append what it fetched of { $partition } from broker { $leader }. The partition is marked as failed and not fetched again until its leader epoch changes.
step-follower-fetched-corrupt = Broker { $node } fetched a corrupt batch of { $partition } from broker { $leader }, and will fetch it again after a backoff.
step-follower-refused = Broker { $leader } refused the fetch of broker { $node } for { $partition }: { $error }.
step-follower-fetches-again = Broker { $node } fetches from broker { $leader } again.

## Metadata and the controller

step-broker-applied-metadata = Broker { $node } applied metadata records { $from } up to { $to } (exclusive). Only now does it act on them.
step-broker-fetched-no-metadata = Broker { $node } asked for metadata records and there were no new ones.
step-metadata-fetch-waits = Controller { $node } has no new metadata records for broker { $broker }. The fetch waits.
step-metadata-fetch-answered = Controller { $node } answered broker { $broker }'s fetch of the metadata log.
step-delete-records-waits = Broker { $node } moved the start of its log for { $to }, and answers when every live follower has done the same: they learn it from one fetch and prove it with the next.
step-metadata-fetch-waited-enough = Broker { $broker }'s fetch of the metadata log waited its full time at controller { $node }. It is answered empty.
step-controller-registered = Controller { $node } registered broker { $broker }. It stays fenced until it has caught up on the metadata.
step-controller-heard-heartbeat = Controller { $node } heard the heartbeat of broker { $broker }.
step-controller-unfenced = Controller { $node } unfenced broker { $broker }. Clients may be sent to it, and it may lead.
step-controller-fenced = Controller { $node } had not heard broker { $broker } for broker.session.timeout.ms. It fenced the broker: it leaves every ISR and leads nothing.
step-controller-checked-sessions = Controller { $node } looked whose session ran out. Everybody was heard in time.
step-controller-shuts-down-broker = Controller { $node } takes the leaderships off broker { $broker }, which wants to stop.
step-controller-changed-isr = Controller { $node } wrote the ISR that the leader of { $partition } asked for into the metadata log.
step-controller-refused-isr = Controller { $node } refused the ISR that the leader of { $partition } asked for: { $error }.
step-controller-decided = Controller { $node } carried { $api } out: its records are in the metadata log.
step-controller-refused = Controller { $node } refused { $api }: { $error }.
step-controller-activated = Controller { $node } is now the active one. It alone writes to the metadata log.
step-controller-balanced = Controller { $node } looked for partitions without a leader or not led by their preferred one.
step-broker-sends-heartbeat = Broker { $node } tells the controller that it lives.
step-broker-heartbeat-answered = The controller heard broker { $node }, which is { $fenced ->
    [true] still fenced
   *[false] not fenced
 }.
step-broker-registers = Broker { $node } asks the controller to register it.
step-broker-registration-answered = Broker { $node } is registered, with broker epoch { $brokerEpoch }.
step-broker-registration-refused = The registration of broker { $node } was refused: { $error }.
step-broker-checkpoints = Broker { $node } wrote the high watermarks of its replicas into replication-offset-checkpoint{ $isNew ->
    [true] {""}. After a restart it goes on from them.
   *[false] {""}: the same as before.
 }
step-broker-cleans-logs = Broker { $node } looked through its logs for what retention and compaction may remove.
step-broker-stopped = Broker { $node } leads nothing any more and has ended.
step-broker-forwards = Broker { $node } passes { $api } on to the controller.
step-broker-returns = Broker { $node } passes the controller's answer to { $api } back.
step-broker-answered = Broker { $node } answered { $api } of { $to } from its metadata cache, which may be behind the controller.
step-request-given-up = { $actor } waited too long for { $to } and gave { $api } up. Whether it was carried out is not known.

## Consumers and groups

step-consumer-looks-for-coordinator = Consumer { $consumer } asks who coordinates group { $group }.
step-consumer-found-coordinator = Consumer { $consumer } learnt that broker { $node } coordinates group { $group }: it leads the partition of __consumer_offsets that the group's name hashes to.
step-consumer-learns-metadata = Consumer { $consumer } got metadata from broker { $node }.
step-consumer-joined = Consumer { $consumer } joined group { $group } in generation { $generation }{ $asLeader ->
    [true] {" "}as the group's leader: it computes who gets which partition
   *[false] {""}; another member computes the assignment
 }.
step-consumer-assigned = Consumer { $consumer } got { $partitions ->
    [one] one partition
   *[other] { $partitions } partitions
 } in group { $group }.
step-consumer-knows-position = Consumer { $consumer } will read { $partition } from offset { $offset }.
step-consumer-fetches = Consumer { $consumer } asks broker { $node } for records.
step-consumer-read = The application of consumer { $consumer } got { $partition } from offset { $from } up to and including { $to }. All of it was committed.
step-consumer-read-nothing = Consumer { $consumer } got an empty answer from broker { $node }: no error, just nothing to read yet. It asks again.
step-consumer-commits = Consumer { $consumer } commits offset { $offset } of { $partition }: the next one it wants to read.
step-consumer-committed = Consumer { $consumer } knows that its commit of offset { $offset } for { $partition } is safe.
step-consumer-recovers = Consumer { $consumer } got { $error } for { $api } and acts on it.
step-consumer-heartbeats = Consumer { $consumer } tells its coordinator that it lives.
step-consumer-idle = Consumer { $consumer } looked whether something is due. Nothing is.
step-coordinator-joins = Coordinator { $node } took { $member } into group { $group } and waits for the other members.
step-coordinator-completes-join = Coordinator { $node } has all members of group { $group }: generation { $generation } begins.
step-coordinator-syncs = Coordinator { $node } handed the assignment of generation { $generation } out to group { $group }. The group's leader computed it.
step-coordinator-heartbeat = Coordinator { $node } heard a member of group { $group }{ $error ->
    [NONE] {""}.
   *[other] {" "}and answered { $error }.
 }
step-coordinator-appends-commit = Coordinator { $node } appended group { $group }'s offset { $offset } for { $partition } to __consumer_offsets. The commit is answered when that record itself is committed.
step-coordinator-refuses = Coordinator { $node } refused a request of group { $group }: { $error }.
step-coordinator-answers-offsets = Coordinator { $node } told a member of group { $group } what is committed.
step-coordinator-drops-member = Coordinator { $node } dropped { $member } from group { $group }. Its partitions go to the others.

## The admin client and probes

step-admin-answered = The admin client got its answer to { $api }: { $error }.
step-probe-answered = Probe { $probe } got its answer to { $api }.
step-nothing = Upkeep: nothing changed that you would notice.

## Changes of a log

change-appended = broker { $node } · { $partition } · { $asLeader ->
    [true] leader append
   *[false] follower append
 } at { $baseOffset }, epoch { $leaderEpoch }
change-truncated = broker { $node } · { $partition } · truncated, LEO { $from } → { $to }
change-high-watermark-moved = broker { $node } · { $partition } · HW { $from } → { $to }
change-log-start-moved = broker { $node } · { $partition } · log start { $from } → { $to }
change-segment-rolled = broker { $node } · { $partition } · new segment { $baseOffset }
change-segment-deleted = broker { $node } · { $partition } · segment { $baseOffset } deleted
change-flushed = broker { $node } · { $partition } · flushed: on disk below { $to }
change-index-looked-up = broker { $node } · { $partition } · offset { $offset }: segment { $segment }, { $entryOffset ->
    [-1] no index entry, from the file's start
   *[other] index entry { $entryOffset } → byte { $scannedFrom }
 }, { $scannedBatches ->
    [one] 1 batch
   *[other] { $scannedBatches } batches
 } ({ $scannedBytes } bytes) passed over, found at byte { $position }
change-time-index-looked-up = broker { $node } · { $partition } · { $timestamp ->
    [-3] greatest timestamp
   *[other] timestamp { $timestamp } ms
 }: segment { $segment }, { $timeEntryTimestamp ->
    [-1] no time index entry
   *[other] time index { $timeEntryTimestamp } ms → { $timeEntryOffset }
 }, { $entryOffset ->
    [-1] from the file's start
   *[other] index entry { $entryOffset } → byte { $scannedFrom }
 }, { $scannedBatches ->
    [one] 1 batch
   *[other] { $scannedBatches } batches
 } passed over, found offset { $offset } ({ $foundTimestamp } ms)
change-compacted = broker { $node } · { $partition } · compacted, { $removed ->
    [one] 1 record
   *[other] { $removed } records
 } removed
change-epoch-started = broker { $node } · { $partition } · epoch { $leaderEpoch } starts at { $startOffset }
change-checkpoint-written = broker { $node } · wrote { $file }
change-unflushed-lost = broker { $node } · { $partition } · unflushed lost, LEO { $from } → { $to }

## Changes of replication

change-follower-end-known = broker { $leader } · { $partition } · follower { $follower } LEO { $from ->
    [-1] unknown
   *[other] { $from }
 } → { $to ->
    [-1] unknown
   *[other] { $to }
 }
change-follower-caught-up = broker { $leader } · { $partition } · follower { $follower } last caught up { $fromMs } → { $toMs } ms
change-became-leader = broker { $node } · leads { $partition }, epoch { $leaderEpoch }
change-became-follower = broker { $node } · follows broker { $leader } on { $partition }, epoch { $leaderEpoch }
change-isr-proposed = broker { $node } · { $partition } · asks for ISR { $from } → { $to }
change-isr-changed = { $partition } · ISR { $from } → { $to } (partition epoch { $partitionEpoch })
change-leader-changed = { $partition } · leader { $from ->
    [-1] none
   *[other] { $from }
 } → { $to ->
    [-1] none
   *[other] { $to }
 } (epoch { $leaderEpoch })
change-elr-changed = { $partition } · ELR { $from } → { $to }
change-replicas-changed = { $partition } · replicas { $from } → { $to }
change-divergence-found = broker { $node } · { $partition } · { $endOffset ->
    [-1] the leader knows no such epoch
   *[other] leader's epoch { $leaderEpoch } ends at { $endOffset }
 }

## Changes on a broker's request path

change-delayed-operation-watched = broker { $node } · { $api } of { $from } waits in purgatory
change-delayed-operation-completed = broker { $node } · { $api } of { $to } left purgatory{ $timedOut ->
    [true] {""}, timed out
   *[false] {""}
 }
change-refused = broker { $node } · { $api } of { $to } refused: { $error }

## Changes of the control plane

change-metadata-appended = controller { $node } · metadata log at { $offset }: { $types }
change-metadata-applied = node { $node } · metadata offset { $from } → { $to }
change-broker-registered = broker { $broker } · registered, broker epoch { $brokerEpoch }
change-broker-fenced = broker { $broker } · fenced
change-broker-unfenced = broker { $broker } · unfenced
change-topic-created = { $topic } · created, { $partitions ->
    [one] 1 partition
   *[other] { $partitions } partitions
 }
change-topic-deleted = { $topic } · deleted
change-config-changed = { $resource } · { $name } = { $value }

## Changes of processes and links

change-crashed = node { $node } · { $machine ->
    [true] machine crashed
   *[false] process crashed
 }
change-shut-down = node { $node } · shut down
change-shutdown-requested = node { $node } · asks to shut down
change-started = node { $node } · started
change-paused = node { $node } · paused
change-disk-slowed = disk of node { $node } · { $byMs } ms a write
change-resumed = node { $node } · resumed
change-link-cut = { $from } ⇢ { $to } · cut
change-link-healed = { $from } ⇢ { $to } · healed
change-dropped = { $api } · { $from } ⇢ { $to } · dropped
change-delayed = { $api } · { $from } ⇢ { $to } · { $byMs } ms later
change-duplicated = { $api } · { $from } ⇢ { $to } · doubled
change-timed-out = { $api } · { $from } ⇢ { $to } · timed out

## Changes of producers

change-partitioned = producer { $producer } · { $hash ->
    [none] chose { $partition } of { $partitions }
   *[other] key { $key } → { $partition } (murmur2 { $hash }, { $partitions } partitions)
 }
change-batch-sent = producer { $producer } · { $partition } · { $records ->
    [one] 1 record
   *[other] { $records } records
 } to broker { $leader }
change-acknowledged = producer { $producer } · { $partition } · offset { $offset } acknowledged
change-retried = producer { $producer } · { $partition } · retries after { $error }
change-produce-failed = producer { $producer } · { $partition } · given up: { $error }

## Changes of consumers and groups

change-metadata-learned = { $client } · newer metadata
change-coordinator-found = consumer { $consumer } · coordinator of { $group } is broker { $node }
change-group-state-changed = group { $group } · { $from } → { $to } (generation { $generation })
change-assigned = consumer { $consumer } · assigned { $partitions } (generation { $generation })
change-records-read = consumer { $consumer } · { $partition } · read { $from }…{ $to }
change-position-moved = consumer { $consumer } · { $partition } · position { $from } → { $to }
change-offset-committed = group { $group } · { $partition } · committed { $from ->
    [-1] none
   *[other] { $from }
 } → { $to }
change-commit-acknowledged = consumer { $consumer } · { $partition } · commit of { $offset } acknowledged
change-member-left = group { $group } · { $member } { $expired ->
    [true] dropped: session ran out
   *[false] left
 }
change-coordinator-loaded = broker { $node } · coordinates __consumer_offsets-{ $partition }

## Changes by a person

change-setting-changed = { $name } = { $value }
change-probe-answered = probe { $probe } · { $api } answered

## Why a command did nothing

error-no-such-node = There is no node { $node }.
error-no-such-producer = There is no producer { $producer }.
error-no-such-consumer = There is no consumer { $consumer }.
error-no-such-event = Event { $event } is not pending: it has happened, or it was dropped.
error-not-an-envelope = Event { $event } is a timer or a thread. Only a message on its way can be dropped, delayed or doubled.
error-already-running = Node { $node } runs already.
error-not-running = Node { $node } does not run. Start it first.
error-not-paused = Node { $node } is not paused.
error-already-cut = The way from { $from } to { $to } is cut already.
error-not-cut = The way from { $from } to { $to } is not cut.
error-same-endpoint = { $actor } cannot be cut off from itself.
error-bad-record = This record cannot be sent: { $reason }.
error-no-such-setting = There is no setting { $name } here.
error-bad-value = { $name } cannot be { $value }. It may be: { $expected }.
error-invalid-config = Kafka refuses it: { $message }
error-request-unknown-field = { $at }: the request has no field { $field } here. There may be: { $expected }.
error-request-missing-field = { $at } is missing and has no default.
error-request-wrong-type = { $at } is { $found ->
    [null] null
    [boolean] a boolean
    [integer] an integer
    [fraction] a number that is no integer
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
error-request-out-of-range = { $at } cannot be { $found }: its type takes { $min } to { $max }.
error-request-unknown-value = { $at } cannot be { $found }. It may be: { $expected }.
error-request-malformed = { $at } cannot be { $found }: it is no { $expected ->
    [uuid] UUID (16 bytes in URL-safe base64 without padding)
    [base64] base64
   *[hexadecimal] hexadecimal number with two digits for each byte
 }.
error-nothing-to-commit = Consumer { $consumer } has nothing to commit: it has read nothing yet.
error-already-stopping = Node { $node } is shutting down already.
error-nothing-pending = Nothing is scheduled any more.
error-limit-reached = The simulation allows at most { $limit } ({ $what }).

## Why it has not happened yet

why-high-watermark-waits = The high watermark of { $partition } stays at { $highWatermark } although the leader's log ends at { $logEnd }: it must be on every replica of the ISR ({ $isr }), and as far as the leader knows broker { $waitingFor } ends at { $itsEnd }.
why-below-min-isr = The ISR of { $partition } is { $isr }, and min.insync.replicas is { $minIsr }. Below that the high watermark does not move at all, whatever acks the producer asked for.
why-follower-learns-later = Broker { $node } still has high watermark { $highWatermark } for { $partition } where the leader has { $leaderHighWatermark }. It learns the new one from the answer to a later fetch of its own.
why-produce-waits = The producer has no answer yet: with acks=all { $partition } needs high watermark { $needs }, and it is { $highWatermark }.
why-consumer-waits = The consumer stands at { $position } of { $partition }. The log goes on to { $logEnd }, but only what is below the high watermark, { $highWatermark }, is committed and may be read.

## Answers of lessons

answer-number = { $number }
answer-broker = broker { $node }
answer-brokers = { $nodes }
answer-text = “{ $text }”
answer-nobody = nobody
answer-nothing = nothing is there

## Why a lesson's moves could not be made

lesson-stuck-refused = The cluster refused a command.
lesson-stuck-no-such-envelope = The message that was meant is not on its way.
lesson-stuck-not-reached = It did not come about within { $withinMs } ms of virtual time.
lesson-stuck-at-an-end = Nothing is scheduled any more.

## What is wrong in a lesson's files

lesson-error-not-toml = This is no TOML: { $reason }
lesson-error-missing-field = { $field } is missing.
lesson-error-unknown-field = There is no field { $field } here. There may be: { $expected }.
lesson-error-wrong-type = { $found ->
    [text] A text
    [number] A number
    [true-or-false] True or false
    [list] A list
    [table] A table
   *[other] Something
 } stands here; { $expected ->
    [text] a text
    [number] a number
    [true-or-false] true or false
    [list] a list
    [table] a table
   *[other] something else
 } is expected.
lesson-error-unknown-value = { $found } is not known here. It may be: { $expected }.
lesson-error-out-of-range = { $found } does not fit here: the type is { $expected }.
lesson-error-unreadable = { $found } cannot be read: { $reason }
lesson-error-id-twice = The id { $id } is there twice.
lesson-error-no-such-id = Nothing has the id { $id }. There is: { $expected }.
lesson-error-empty = { $what } is empty.
lesson-error-no-text = The text has no heading with the anchor { $anchor }.
lesson-error-text-for-nothing = lesson.toml has nothing to which { $anchor } belongs.
lesson-error-no-anchor = The heading “{ $heading }” has no anchor at its end.
lesson-error-empty-text = { $anchor } says nothing.
lesson-error-not-its-folder = The lesson's id is { $id }, its folder's name { $folder }.
lesson-error-unknown-section = No document in index.toml has the section { $section }.
lesson-error-not-in-track = The track { $track } in index.toml does not list { $id }.
lesson-error-bad-cluster = This cluster cannot be built: { $reason }

invariant-one-leader-per-epoch = At most one broker leads a partition in a leader epoch.
invariant-high-watermark-advances = Within a leader epoch, a leader's high watermark never goes back.
invariant-committed-is-kept = A committed record is never lost: whoever is elected has it, unless the election was unclean.
invariant-logs-are-equal = Below their high watermarks, all replicas have the same records.
invariant-follower-stays-behind = A follower's high watermark is never ahead of its leader's, once the leader has committed up to the start of its epoch.
invariant-reads-are-committed = A consumer gets committed records only.
invariant-offsets-are-dense = In a log, each batch follows the one before it without a gap, and leader epochs never go back.
invariant-acknowledged-is-committed = With acks=all, a producer gets an acknowledgement only for records below the high watermark.
invariant-one-owner-per-generation = In one generation of a group, a partition is assigned to one member only.
invariant-committed-offset-is-below = A consumer never commits an offset above the high watermark.
invariant-isr-within-replicas = The ISR and the eligible leader replicas are replicas of the partition, and no replica is in both.
invariant-leader-is-in-sync = The leader of a partition is in its ISR.
invariant-metadata-offset-advances = A running process never goes back in the metadata log.
invariant-broker-epoch-advances = The broker epoch of a broker never goes back.
invariant-partition-epochs-advance = A process never goes back to an older leader epoch or partition epoch.
invariant-sizes-add-up = A log segment's size is the sum of the sizes of its batches.

violation-one-leader-per-epoch = Broker { $second } leads { $partition } in leader epoch { $leaderEpoch }, which broker { $first } led before.
violation-high-watermark-advances = Broker { $node } leads { $partition }, and its high watermark went back from { $from } to { $to }.
violation-committed-is-kept = Broker { $node } was elected for { $partition } without the committed record at offset { $offset }: it is lost.
violation-logs-are-equal = At offset { $offset } of { $partition }, broker { $node } has another record than was committed there.
violation-follower-stays-behind = Broker { $node } has high watermark { $highWatermark } for { $partition }, and its leader, broker { $leader }, has { $leaders }.
violation-reads-are-committed = Consumer { $consumer } got offset { $offset } of { $partition }, and only what lies below { $committed } was committed.
violation-offsets-are-dense = In { $partition } on broker { $node }, the batch at offset { $offset } does not follow the one before it.
violation-acknowledged-is-committed = Producer { $producer } got an acknowledgement with acks=all for offset { $offset } of { $partition }, and only what lies below { $committed } was committed.
violation-one-owner-per-generation = In generation { $generation } of group { $group }, { $partition } was assigned to consumer { $first } and also to consumer { $second }.
violation-committed-offset-is-below = Consumer { $consumer } committed offset { $offset } of { $partition }, and the high watermark was never above { $committed }.
violation-isr-within-replicas = The metadata log has the ISR { $isr } for { $partition }, whose replicas are { $replicas }.
violation-leader-is-in-sync = Broker { $leader } leads { $partition }, whose ISR is { $isr }.
violation-metadata-offset-advances = Node { $node } had applied the metadata log up to offset { $from } and went back to { $to }.
violation-broker-epoch-advances = Broker { $broker } was registered with broker epoch { $to } after it had { $from }.
violation-partition-epochs-advance = On node { $node }, { $partition } went from leader epoch { $leaderEpochFrom } and partition epoch { $partitionEpochFrom } to { $leaderEpoch } and { $partitionEpoch }.
violation-sizes-add-up = On broker { $node }, segment { $segment } of { $partition } counts { $size } bytes where its batches have { $sum }.

# Why a setting changes nothing
unmodelled-threads = The engine handles one request at a time: the size of a thread pool changes nothing yet.
unmodelled-connections = The engine has no sockets: buffers and connection limits change nothing.
unmodelled-codecs = The engine has no codecs: a batch says how it is compressed, but keeps its uncompressed size.
unmodelled-files = The engine has no files of its own: preallocation, buffers and log directories change nothing.
unmodelled-quotas = Quotas and replication throttling are not modelled.
unmodelled-tiered-storage = Tiered storage is not modelled.
unmodelled-security = Encryption, authentication and authorization are not modelled.
unmodelled-metrics = Metrics reporters and client telemetry are not modelled.
unmodelled-new-groups = The consumer, share and streams group protocols are not modelled yet.
unmodelled-transactions = Transactions and idempotent producers are not modelled yet.
unmodelled-unused-by-kafka = Kafka in KRaft mode does not read this setting either.
unmodelled-not-built = The engine does not act on this setting yet.
