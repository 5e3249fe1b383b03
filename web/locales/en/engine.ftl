# The engine in words: what a step was (step-), what it changed (change-), why something has not happened yet (why-). Why a command
# did nothing (error-) is in rest.ftl.
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
step-person-starts-perf-test = You started a perf test: producer { $producer } is to send { $numRecords ->
    [one] one record
   *[other] { $numRecords } records
 } to { $topic }, at { $throughput } per second.
step-perf-test-sent = The perf test handed { $records ->
    [one] a record
   *[other] { $records } records
 } to producer { $producer }: { $sent } of { $numRecords } now.
step-perf-test-held-up = The perf test of producer { $producer } has a record due, but the send() before has not returned: { $sent } of { $numRecords } are handed over.
step-person-calls-producer = You called { $call }() of producer { $producer }.
step-person-crashes-producer = You killed the process of producer { $producer }. The records that it had accepted and not sent are gone, and nobody was told. A transaction that was open stays open at its coordinator.
step-person-closes-producer = You closed producer { $producer }. It accepts no more records, sends those that it has without lingering, aborts a transaction that is open, and ends.
step-person-starts-producer = You started producer { $producer } again. It knows nothing of its last process.
step-person-polls = You made consumer { $consumer } poll once.
step-person-commits = You made consumer { $consumer } commit its position.
step-consumer-cannot-deserialize = Consumer { $consumer } cannot make sense of the bytes at offset { $offset } of { $partition }: its poll fails with a RecordDeserializationException, and its position stays.
step-person-processes = You let consumer { $consumer } process the records that it held. What it did outside of Kafka stays done.
step-person-seeks = You made consumer { $consumer } seek to offset { $offset } of { $partition }. That only sets its position: whether a record is there, the next fetch shows.
step-person-seeks-to-beginning = You made consumer { $consumer } seek to the beginning. Where that is, it asks the leader in its next poll.
step-person-seeks-to-end = You made consumer { $consumer } seek to the end. Where that is, it asks the leader in its next poll.
step-person-pauses-partitions = You paused { $partitions } for consumer { $consumer }. It stays the owner and sends its heartbeats; what it has fetched stays in its buffer, and it fetches no more.
step-person-resumes-partitions = You resumed { $partitions } for consumer { $consumer }. The next poll returns what is in its buffer first.
step-person-subscribes = You subscribed consumer { $consumer } to { $topics }. Its group learns of it in its next poll.
step-person-subscribes-to-pattern = { $byBroker ->
    [true] You subscribed consumer { $consumer } to the pattern { $pattern }. The broker finds the topics that match.
   *[false] You subscribed consumer { $consumer } to the pattern { $pattern }. It asks for all topics and finds those that match itself.
 }
step-person-unsubscribes = You unsubscribed consumer { $consumer }. It has no partitions any more, and it is no member of a group.
step-person-assigns = You assigned { $partitions } to consumer { $consumer }. It is not a member of its group: nothing rebalances, and its commits name neither a member nor a generation.
step-person-crashes-consumer = You killed the process of consumer { $consumer }. Its records in memory and its position are gone, and nobody was told.
step-person-closes-consumer = You closed consumer { $consumer }. It tells its coordinator that it leaves, tells the brokers it fetched from to drop its fetch sessions, and ends.
step-person-starts-consumer = You started consumer { $consumer } again. It knows nothing of its last process and joins its group as a new member.
step-person-crashes-process = You killed the process of node { $node }. Its machine closes its connections at once. What it wrote is in the machine's page cache and survives.
step-person-crashes-machine = You cut the power of node { $node }. Whatever was not yet on its disk is lost. Its connections stay open at the other end until somebody there times out.
step-person-starts = You started node { $node }. First it reads its logs and checkpoint files, then it registers.
step-person-shuts-down = You asked node { $node } to shut down. If it leads partitions, it hands them over before it exits.
step-person-pauses = You paused node { $node }. When it resumes, it will not know how long it was paused.
step-person-resumes = You resumed node { $node }. It still believes everything it knew when it was paused.
step-person-slows-disk = { $byMs ->
    [0] You made the disk of node { $node } fast again: writes to it take no time.
   *[other] You slowed the disk of node { $node }: each write to it now takes { $byMs } ms. Produce requests and fetched records wait for it, one after another.
 }
step-person-cuts = You cut the link from { $from } to { $to }. Whatever is sent in that direction waits until the link is healed.
step-person-heals = You healed the link from { $from } to { $to }.
step-person-drops = You dropped the { $api } message from { $from } to { $to }. The connection breaks: whatever was behind it is lost too, and both ends get a reset.
step-person-delays = You delayed the { $api } message from { $from } to { $to } by { $byMs } ms. Nothing overtakes it on its connection.
step-person-duplicates = You duplicated the { $api } message from { $from } to { $to }. It will arrive twice.
step-person-sets = You set { $name } to { $value }.
step-person-administers = You had the admin client send { $api }.
step-person-probes = You sent { $api } by hand to node { $node }, as probe { $probe }.
step-person-sends-bytes = { $sizeBytes ->
    [0] You opened a connection to node { $node } as probe { $probe } and sent nothing on it.
    [one] You opened a connection to node { $node } as probe { $probe } and sent a single byte on it.
   *[other] You opened a connection to node { $node } as probe { $probe } and sent { $sizeBytes } bytes on it.
}
step-person-closes-connection = You closed the connection of probe { $probe } to node { $node }.

## The network and the request queue

step-request-arrived = { $api } from { $from } arrived at node { $node }. It waits in the request queue for a handler thread.
step-processor-reads = { $api } from { $from } reached the socket of node { $node }. A network thread begins to read it.
step-channel-muted = { $api } from { $from } reached node { $node } and stays in the socket's receive buffer: the connection is muted until the request before it on the same connection has its answer.
step-channel-throttled = { $api } from { $from } reached node { $node } and stays in the socket's receive buffer: its client took more than its quota, and the connection is muted until { $untilMs } ms.
step-throttle-over = The pause that a quota imposed on { $client } is over: node { $node } reads from its connection again.
step-kept-back-sent = { CAPITAL($from) } sends { $to } the { $api } that it had to hold back.
step-processor-busy = { $api } from { $from } reached node { $node } and stays in the socket's receive buffer: the network thread of this connection is busy.
step-request-queue-full = Node { $node } has read { $api } of { $from }, but its request queue is full. The network thread stands still until a handler thread takes a request, and reads from none of its connections meanwhile.
step-processor-queued = A network thread of node { $node } has read { $api } of { $from } and put it on the request queue. The connection stays muted until the answer is sent.
step-processor-sent = A network thread of node { $node } has sent { $to } the answer to { $api }. The connection is no longer muted.
step-handler-took = A handler thread of node { $node } took { $api } of { $from } off the request queue. It is busy with it until { $untilMs } ms.
step-connection-refused = { CAPITAL($from) } tried to send { $api } to node { $node }, but the process it was meant for is not listening.
step-held-on-cut-link = { $api } from { $from } to { $to } is stuck on the cut link. Neither side is told; TCP resends it once the link is healed.
step-late-answer = The answer to { $api } reached { $to } too late: the request had already been abandoned.
step-requester-gone = The answer to { $api } reached { $to }, but the process that asked no longer exists.
step-peer-gone = The connection between { $actor } and { $peer } is gone. Requests still unanswered on it are lost.
step-listener-learns-closed = { $isReset ->
    [true] The connection of { $client } to node { $node } was reset. Whatever the node had not yet read from it is lost.
   *[false] Node { $node } learned that { $client } closed its connection. What came before is still read and handled.
 }
step-connection-closed-before = The end of the connection between { $client } and { $node } changed nothing: it was over on this side already.
step-listener-resets = What { $client } sent came on a connection that node { $node } had closed: its machine answers with a reset, and nobody reads it.
step-closing-held = The end of a connection between { $from } and { $to } waits until it can be delivered.
step-connection-accepted = Node { $node } accepted a connection of { $client }. Nothing was sent on it yet.
step-request-incomplete = Node { $node } has read { $readBytes } of { $wantedBytes } bytes of a request of { $from }: it waits for the rest.
step-bytes-unread = Bytes of { $from } reached node { $node } and stay in the socket's receive buffer: nothing is read from the connection for now.
step-bytes-held = Bytes from { $from } to { $to } wait until they can be delivered.
step-bytes-refused = { CAPITAL($from) } sent bytes to node { $node }, but the process they were meant for is not listening.
step-request-too-large = Node { $node } closed the connection of { $client }: a request of { $sizeBytes } bytes is larger than socket.request.max.bytes, { $maxBytes }. Nobody hears more than that the connection is gone.
step-negative-request-size = Node { $node } closed the connection of { $client }: the size of a request, its first four bytes, is { $sizeBytes }.
step-malformed-request = Node { $node } closed the connection of { $client }: what came is no request that it takes. An error cannot be answered to what cannot be read.
step-connection-idle = Node { $node } closed the connection of { $client }: nothing has passed on it for connections.max.idle.ms, { $idleMs } ms.
step-client-closes-idle-connection = { CAPITAL($client) } closed its connection to node { $node }: nothing has passed on it for connections.max.idle.ms, { $idleMs } ms. What it sends there next opens another.
step-no-connection-idle = { CAPITAL($client) } looked for connections on which nothing has passed for connections.max.idle.ms. There is none.
step-too-many-connections = Node { $node } closed the connection of { $client } as soon as it was accepted: its address has max.connections.per.ip, { $max }, already.
step-probe-disconnected = Probe { $probe } learned that node { $node } has closed its connection.
step-answer-reset = The answer to { $api } from { $node } reached { $client } on a connection that it has closed. The machine of { $client } sends a reset back.
step-machine-off = { CAPITAL($from) } sent { $api } to node { $node }, whose machine has no power. Nobody answers, not even with a reset. TCP keeps sending until { $from } times out.
step-connection-setup-timed-out = The connection of { $client } to node { $node } did not open within socket.connection.setup.timeout.ms. { CAPITAL($client) } stops waiting for it.
step-held-at-paused = { $api } from { $from } waits at node { $node }, which is paused.
step-timer-held-at-paused = A timer of node { $node } is due, but the process is paused. It fires once the process resumes.
step-waits-for-disk = The slow disk of node { $node } is writing what { $api } from { $from } carried. It will be done at { $untilMs } ms.

## Producers

step-record-accumulated = Producer { $producer } added the record to its batch for { $partition }. The batch is sent when linger.ms has passed or when it is full.
step-producer-needs-metadata = Producer { $producer } does not know this topic's partitions yet. It asks a broker for metadata before it chooses one.
step-producer-sends = Producer { $producer } sends { $records ->
    [one] one record
   *[other] { $records } records
 } for { $partition } to broker { $leader }, the leader it knows of.
step-producer-idle = Producer { $producer } looked for a batch to send and found none.
step-producer-learns-metadata = Producer { $producer } received metadata from broker { $node }: each partition's leader, as that broker knows it.
step-producer-acknowledged = { $offset ->
    [-1] Producer { $producer } sent its records for { $partition } with acks=0: it counts them as sent and will never learn their offsets.
   *[other] Producer { $producer } received its acknowledgement: the record is at offset { $offset } of { $partition }.
 }
step-producer-retries = Producer { $producer } received { $error } for { $partition }. This error is retriable, so it will try again.
step-producer-is-closed = { $abandoned ->
    [0] Producer { $producer } is closed: everything that it had accepted is done.
    [one] The time to close producer { $producer } is over. 1 record that was not acknowledged failed: the producer is closed forcefully.
   *[other] The time to close producer { $producer } is over. { $abandoned } records that were not acknowledged failed: the producer is closed forcefully.
 }
step-producer-awaits-memory = Producer { $producer } needs { $bytes } bytes of buffer.memory for another batch, and { $availableBytes } are left. The call to send() blocks until earlier batches are done, for at most max.block.ms.
step-producer-buffer-exhausted = A send() of producer { $producer } failed with a TimeoutException: Failed to allocate { $bytes } bytes within the configured max blocking time { $maxBlockMs } ms. Total memory: { $totalBytes } bytes. Available memory: { $availableBytes } bytes.
step-producer-splits-batch = The broker rejected a batch of producer { $producer } for { $partition } with MESSAGE_TOO_LARGE: { $records } records together are more than max.message.bytes. The producer sends them again in { $parts ->
    [one] one batch of at most batch.size bytes, which is the same batch: if it is rejected again, it is halved
   *[other] { $parts } smaller batches
 }. That takes none of its retries.
step-producer-opens-connection = Producer { $producer } opens a connection to broker { $node }. ApiVersions goes first on it; until that is answered, batches for this broker stay in the accumulator.
step-connection-ready = { CAPITAL($client) } knows from the answer to ApiVersions which versions node { $node } speaks: the connection is ready, and what has waited for it may leave.
step-producer-has-id = Producer { $producer } has producer id { $producerId }, epoch { $epoch }. Each batch that it sends carries them with its sequence numbers, so that a partition recognises a batch that comes twice.
step-producer-waits-for-id = Producer { $producer } gets no producer id yet: { $error }. Its batches wait, and it asks again after retry.backoff.ms.
step-producer-bumps-epoch = Producer { $producer } goes on with epoch { $epoch } of producer id { $producerId }: the sequence numbers of a partition no longer follow what the broker knows, so that partition's numbers begin at 0 again.
step-send-outside-transaction = Producer { $producer } throws an IllegalStateException from send(): its transaction is { $state }. As in Kafka, the record is in the accumulator all the same, and goes out with the next transaction that writes to its partition.
step-producer-asks-for-transaction = For its transaction, producer { $producer } sends { $api } to broker { $node }.
step-producer-found-coordinator = Producer { $producer } knows the coordinator of { $name }: broker { $node }.
step-transactions-initialized = Producer { $producer } is done with initTransactions(): producer id { $producerId }, epoch { $epoch }. Whoever used the same transactional.id with a lower epoch is fenced from now on.
step-partitions-added-to-transaction = { $partitionCount ->
    [one] The transaction coordinator has noted 1 partition for the transaction of producer { $producer }: only now may a batch go there.
   *[other] The transaction coordinator has noted { $partitionCount } partitions for the transaction of producer { $producer }: only now may batches go there.
}
step-offsets-await-transaction = The coordinator of group { $group } keeps the offsets that producer { $producer } sent. They count as committed only if the transaction commits.
step-transaction-ended = { $committed ->
    [true] Producer { $producer } is done with commitTransaction(): the outcome is in the log of the transaction coordinator and cannot change any more. The coordinator writes the markers to the partitions.
   *[false] Producer { $producer } is done with abortTransaction(): the outcome is in the log of the transaction coordinator. The coordinator writes the markers to the partitions.
}
step-transaction-call-timed-out = { $call }() of producer { $producer } blocked for max.block.ms ({ $maxBlockMs } ms) and threw a TimeoutException. What it began goes on in the background.{ $call ->
    [sendOffsetsToTransaction] { "" }
   *[other] {" "}Until the application calls { $call }() again it may call nothing else.
}
step-transaction-was-empty = { $committed ->
    [true] Producer { $producer } is done with commitTransaction(). Nothing was written in the transaction, so nobody had to be asked.
   *[false] Producer { $producer } is done with abortTransaction(). Nothing had reached a broker, so nobody had to be asked.
}
step-transaction-request-retried = { $api } for the transaction of producer { $producer } failed: { $error }. The producer sends it again.
step-transaction-is-to-abort = The transaction of producer { $producer } cannot commit any more: { $error }. Its application can only abort it.
step-producer-cannot-go-on = Producer { $producer } cannot be used any more: { $error }. Its application has to close it.
step-application-writes = { $records ->
    [one] The application of consumer { $consumer } has processed 1 record and gave its result to producer { $producer }.
   *[other] The application of consumer { $consumer } has processed { $records } records and gave the results to producer { $producer }.
}
step-application-aborts = The application of consumer { $consumer } aborts the transaction of producer { $producer }.
step-application-goes-on = The application of consumer { $consumer } is done with what it had read.
step-application-rewinds = The application of consumer { $consumer } forgets what it read after the last commit, and will read it again.
step-application-ends = The application of consumer { $consumer } ends, because its producer { $producer } cannot be used any more: { $error }.
step-producer-gives-up = Producer { $producer } abandoned its records for { $partition }: { $error }. The application is told that they failed.

## A leader

step-leader-appended-waits = Broker { $node } appended a batch to { $partition } at offset { $baseOffset }, in leader epoch { $leaderEpoch }. With acks=all the answer waits in purgatory until the high watermark has passed offset { $lastOffset }.
step-leader-appended-commits = Broker { $node } appended a batch to { $partition } at offset { $baseOffset }, in leader epoch { $leaderEpoch }. It is the only member of the ISR, so the batch is committed at once and acks=all has nothing to wait for.
step-leader-appended-answers = Broker { $node } appended a batch to { $partition } at offset { $baseOffset }, in leader epoch { $leaderEpoch }, and answers at once: acks=1 asks for no more. No follower is known to have the batch yet.
step-leader-appended-silently = Broker { $node } appended a batch to { $partition } at offset { $baseOffset }, in leader epoch { $leaderEpoch }. With acks=0 nobody waits for an answer.
step-leader-found-duplicate = Broker { $node } remembers this batch for { $partition }: the producer id, epoch and sequence numbers are those of the batch at offsets { $baseOffset } to { $lastOffset }. It appends nothing and answers with those offsets, as if this were the first time.
step-produce-refused = Broker { $node } rejected the records for { $partition } with { $error }. Nothing was appended.
step-produce-failed-after-append = Broker { $node } answers a Produce for { $partition } with { $error }, although the records are in its log: they may still be committed, or they may be lost.
step-fetch-moved-high-watermark = Broker { $follower } fetched { $partition } from offset { $offset }, which proves that its log reaches that far. Now every replica that counts does, so the leader, broker { $node }, moves the high watermark to { $highWatermark }.
step-fetch-from-follower = Broker { $follower } fetched { $partition } from offset { $offset }. { $offset ->
    [0] It has no records yet, and the leader, broker { $node }, now knows that.
   *[other] Its log reaches that far, and the leader, broker { $node }, now knows that.
 }
step-follower-fetch-waits = Broker { $node } has nothing new for follower { $follower }. The fetch waits in purgatory until a record arrives or replica.fetch.wait.max.ms has passed.
step-follower-fetch-answered = Broker { $node } answered the fetch of follower { $follower } at once.
step-consumer-fetch-waits = Broker { $node } has too few committed records that { $consumer } has not read. The fetch waits in purgatory until fetch.min.bytes have come together or fetch.max.wait.ms has passed.
step-consumer-fetch-answered = Broker { $node } answered the fetch of { $consumer } at once. The answer holds nothing at or above the high watermark.
step-fetch-refused = Broker { $node } rejected the fetch of { $partition } by { $from }: { $error }.
step-leader-found-divergence = { $endOffset ->
    [-1] Broker { $node } told follower { $follower } that their logs of { $partition } diverge: it knows no leader epoch that the follower's last one could be compared with.
   *[other] Broker { $node } told follower { $follower } where their logs of { $partition } diverge: its own leader epoch { $leaderEpoch } ends at offset { $endOffset }.
 }
step-fetch-waited-enough = The fetch of { $to } has waited its full time at broker { $node }. It is answered with whatever there is, even if that is nothing.
step-produce-timed-out = The Produce of { $to } waited too long at broker { $node } and is answered with REQUEST_TIMED_OUT. Its records stay in the log and may still be committed.
step-isr-checked = Broker { $node } checked whether a follower of its partitions lags. None has to leave the ISR.
step-isr-shrink-proposed = A follower of { $partition } has not caught up within replica.lag.time.max.ms. Broker { $node } asks the controller for a smaller ISR; until the answer comes, the old one counts.
step-isr-answered = The controller accepted the ISR that broker { $node } proposed for { $partition }.
step-isr-refused = The controller rejected the ISR that broker { $node } proposed for { $partition }: { $error }.

## A follower

step-follower-appended = Broker { $node } copied { $partition } up to offset { $lastOffset } from broker { $leader }. The leader learns of it only from the next fetch.
step-follower-learned-high-watermark = Broker { $node } learned from a fetch answer of broker { $leader } that the high watermark of { $partition } is { $highWatermark }. A follower always learns it after the leader has moved it.
step-follower-truncated = { $by ->
    [leader-log-start] Broker { $node } discarded its log of { $partition } and starts over at offset { $to }, where the log of the leader, broker { $leader }, begins: everything it had was older.
    [leader-log-end] Broker { $node } truncated its log of { $partition } to offset { $to }, where the log of the leader, broker { $leader }, ends.
    [high-watermark] Broker { $node } truncated its log of { $partition } to offset { $to }, its own high watermark. It trusts nothing from there on, whether the leader, broker { $leader }, has the same records or not.
   *[leader-epoch] Broker { $node } truncated its log of { $partition } to offset { $to }: the leader epochs of the removed records are not those that the leader, broker { $leader }, has at these offsets.
 }
step-follower-fetched-nothing = Broker { $node } received an answer without new records from broker { $leader }. It fetches again.
step-follower-partition-failed = Broker { $node } could not append what it fetched of { $partition } from broker { $leader }. The partition is marked as failed and is not fetched again until its leader epoch changes.
step-follower-fetched-corrupt = Broker { $node } fetched a corrupt batch of { $partition } from broker { $leader }. It fetches it again after a backoff.
step-follower-refused = Broker { $leader } rejected the fetch of { $partition } by broker { $node }: { $error }.
step-follower-fetches-again = Broker { $node } fetches from broker { $leader } again.

## Metadata and the controller

step-broker-applied-metadata = Broker { $node } applied the metadata records from offset { $from } up to, but not including, { $to }. From now on it acts on them.
step-broker-fetched-no-metadata = Broker { $node } fetched the metadata log and there was nothing new.
step-vote-granted = Controller { $node } votes for controller { $candidate } in epoch { $epoch }: the candidate's log has at least as much as its own. The vote is on disk before it is answered.
step-pre-vote-granted = Controller { $node } would vote for controller { $candidate }, which is in epoch { $epoch }: the candidate's log has at least as much as its own. A pre-vote binds nobody.
step-vote-denied = Controller { $node } denies controller { $candidate } its vote in epoch { $epoch }: it has voted for another, knows a leader of the epoch, or has more in its log.
step-pre-vote-denied = Controller { $node } would not vote for controller { $candidate }, which is in epoch { $epoch }: it leads, follows a leader that answers, or has more in its log.
step-vote-counted = Controller { $node } has the vote of controller { $voter } for epoch { $epoch }.
step-pre-vote-counted = Controller { $node } would get the vote of controller { $voter }. The epoch is still { $epoch }.
step-voter-is-against = Controller { $node } does not have controller { $voter } on its side in epoch { $epoch }.
step-voter-seeks-election = Controller { $node } knows no leader of epoch { $epoch }, and its election timeout is over. It asks the other voters whether an election would have a chance.
step-quorum-connection-timed-out = Controller { $node } closed its connection to controller { $to }, on which its { $api } request has not been answered for controller.quorum.request.timeout.ms. It no longer waits for that answer, but nothing else could be sent there before.
step-voter-misses-leader = Controller { $node } has fetched nothing from controller { $leader } for controller.quorum.fetch.timeout.ms. It asks the other voters whether an election would have a chance; the epoch stays { $epoch }.
step-election-timed-out = Controller { $node } did not get enough votes in time in epoch { $epoch }.
step-voter-elected = Controller { $node } has a majority of the votes: it leads epoch { $epoch }. What was written in earlier epochs counts as committed only once its own first record is on a majority.
step-leader-misses-majority = Controller { $node } was not fetched from by a majority for one and a half fetch timeouts. It resigns from epoch { $epoch }: others may have elected a new leader that it cannot hear of.
step-leader-resigns-to-end = Controller { $node } is shutting down and resigns from epoch { $epoch } first. It tells the other voters, so that they elect a new leader without waiting for a timeout.
step-controller-renounces = Controller { $node } met an exception that no request should cause, takes it for its own fault, and resigns in epoch { $epoch }. What it had not committed is dropped.
step-resigned-leader-goes-on = Controller { $node } led before epoch { $epoch } and has heard of no new leader. It goes on to the next epoch, for its own must not be led twice.
step-voter-learnt-leader = Controller { $node } learned that controller { $leader } leads epoch { $epoch }.
step-voter-learnt-no-leader = Controller { $node } learned from controller { $from } that nobody is known to lead epoch { $epoch }.
step-quorum-thread-failed = The process of controller { $node } ended with exit code 1 in epoch { $epoch }: what it was told of the quorum contradicts what it knows, and its raft thread does not survive that.
step-voter-learnt-resignation = Controller { $node } learned that controller { $leader } leads epoch { $epoch } no more. It need not wait for its fetch timeout.
step-voter-knows-leader = Controller { $voter } has answered controller { $node }, which leads epoch { $epoch }.
step-voter-knows-resignation = Controller { $voter } has answered controller { $node }, which led epoch { $epoch } and resigned.
step-voter-replicated = Controller { $node } appended the metadata records from offset { $from } to { $to } that its leader sent.
step-voter-truncated = Controller { $node } truncated its metadata log from { $from } to { $to }: what it cut off is not in the leader's log, and was never committed.
step-voter-learnt-high-watermark = Controller { $node } learned that the metadata log is committed up to { $highWatermark }.
step-voter-fetched-nothing = Controller { $node } fetched from controller { $leader }. There was nothing new.
step-leader-sends-heartbeats = The heartbeat interval of 50 ms is over: controller { $node }, which leads epoch { $epoch }, sends AppendEntries to the other voters, except to those that have not answered the last one yet.
step-heartbeat-heard = Controller { $node } received AppendEntries of controller { $leader }, which leads epoch { $epoch }. There was nothing to append, and its election timeout begins anew.
step-entries-refused = Controller { $node } rejected the AppendEntries of controller { $leader }: the record at offset { $offset }, which precedes the entries, is not in its log, or is of another epoch there. It answers up to where its log may agree with the leader's.
step-old-leader-refused = Controller { $node } rejected the AppendEntries of controller { $leader }, whose epoch is over: it is in epoch { $epoch } itself.
step-voter-has-entries = Controller { $node } knows now that controller { $voter } has its log up to, but not including, offset { $offset }. What a majority has is committed, from the leader's own first record on.
step-voter-lacks-entries = Controller { $voter } lacks what precedes the entries that controller { $node } sent. It is sent what follows from offset { $offset } on.
step-voter-heard-nothing = { $leader ->
    [-1] Controller { $node } received no AppendEntries for its election timeout and knows no leader of epoch { $epoch }. It stands for election in the next epoch without asking first.
   *[other] Controller { $node } received no AppendEntries of controller { $leader } for its election timeout, 150 to 300 ms. It stands for election in the epoch after { $epoch } without asking first.
}
step-metadata-fetch-waits = Controller { $node } has no new metadata records for node { $broker }. The fetch waits.
step-metadata-fetch-answered = Controller { $node } answered a metadata fetch of node { $broker }.
step-voter-addition-begun = Controller { $node } was asked to make controller { $voter } a voter. It asks it first which versions it supports.
step-voter-added = Controller { $node } wrote a KRaftVoters record that names controller { $voter }, too. It counts at once: the majority that commits it is one of the new voters.
step-voter-removal-begun = Controller { $node } wrote a KRaftVoters record without controller { $voter }. It counts at once: the majority that commits it is one of the voters that are left.
step-voter-updated = Controller { $node } wrote a KRaftVoters record with where controller { $voter } listens now and what it supports.
step-voter-change-committed = The change of voters that concerns controller { $voter } is done at controller { $node }, which answers whoever asked for it.
step-voter-change-timed-out = Controller { $node } could not finish the change of voters within controller.quorum.request.timeout.ms. A record that is written already may still be committed.
step-voter-asks-for-update = Controller { $node } listens elsewhere, or supports other versions, than the voters' record says. It tells the leader, controller { $leader }, in an UpdateRaftVoter.
step-static-voter-noted = Controller { $node } keeps in memory where controller { $voter } listens and what it supports. The voters stay as controller.quorum.voters says; a leader needs this only to raise kraft.version, which writes them into the log.
step-controller-asks-for-vote = Controller { $node } does not vote, and controller.quorum.auto.join.enable lets it ask: it sends the leader, controller { $leader }, an AddRaftVoter for itself.
step-controller-asks-for-removal = The voters' record names controller { $node } with another directory. It asks the leader, controller { $leader }, to remove that voter first, and then for a vote of its own.
step-own-vote-answered = { $error ->
    [NONE] The leader has taken over what controller { $node } said about its own vote.
   *[other] The leader rejects what controller { $node } asked about its own vote: { $error }. It asks again after controller.quorum.fetch.timeout.ms.
}
step-removed-leader-resigns = Its own removal is committed, so controller { $node } resigns in epoch { $epoch }. It stays on as an observer.
step-snapshot-offered = Controller { $node } told node { $replica } to fetch the snapshot up to offset { $endOffset } of epoch { $epoch } first: node { $replica } begins with nothing, or the log no longer has what it needs.
step-snapshot-needed = Node { $node } needs a snapshot before it can go on with the metadata log. It asks for the first piece of the one up to offset { $endOffset } of epoch { $epoch }.
step-snapshot-piece-served = Controller { $node } gave node { $replica } the bytes { $from } to { $to } of a snapshot that is { $size } bytes long.
step-snapshot-piece-fetched = Node { $node } has { $to } of { $size } bytes of the snapshot and asks for the next piece. Until the last one has come it is in a temporary file, and a restart would begin anew.
step-snapshot-installed = Node { $node } has the whole snapshot. Its metadata log is empty now and starts at offset { $endOffset }, after epoch { $epoch }; the image is built from the snapshot.
step-snapshot-given-up = Node { $node } cannot go on with the snapshot up to offset { $endOffset } of epoch { $epoch }. The next fetch tells it what there is instead.
step-snapshots-cleaned = Node { $node } deleted snapshots of the metadata log that a newer one has replaced. Its log starts at offset { $to } now.
step-delete-records-waits = Broker { $node } moved the start of its log for { $to }. It answers once every live follower has done the same: a follower learns it from one fetch and proves it with the next.
step-metadata-fetch-waited-enough = The metadata fetch of node { $broker } has waited its full time at controller { $node }. It is answered empty.
step-controller-registered = Controller { $node } registered broker { $broker }. The broker stays fenced until it has caught up with the metadata log.
step-controller-heard-heartbeat = Controller { $node } received a heartbeat of broker { $broker }.
step-controller-unfenced = Controller { $node } unfenced broker { $broker }. Clients may now use it, and it may become a leader.
step-controller-fenced = Controller { $node } heard nothing of broker { $broker } for broker.session.timeout.ms and fenced it. The broker may lead nothing and belongs to no ISR that has another member.
step-controller-checked-sessions = Controller { $node } checked the broker sessions. None has expired.
step-controller-shuts-down-broker = Controller { $node } moves the partitions that broker { $broker } leads to other brokers, because broker { $broker } wants to shut down.
step-controller-changed-isr = Controller { $node } wrote the ISR that the leader of { $partition } proposed into the metadata log.
step-controller-refused-isr = Controller { $node } rejected the ISR that the leader of { $partition } proposed: { $error }.
step-controller-decided = Controller { $node } carried out { $api }. The resulting records are in the metadata log.
step-controller-refused = Controller { $node } rejected { $api }: { $error }.
step-controller-activated = Controller { $node } became the active controller. It alone writes to the metadata log.
step-controller-balanced = Controller { $node } checked for partitions without a leader or with another leader than the preferred one.
step-broker-sends-heartbeat = Broker { $node } sends the controller a heartbeat.
step-broker-heartbeat-answered = The controller answered the heartbeat of broker { $node }, which is { $fenced ->
    [true] still fenced
   *[false] not fenced
 }.
step-controller-sends-registration = Controller { $node } asks the active controller to register it: where it listens, and which levels of features it supports.
step-controller-registered-again = Controller { $node } had registered this process of broker { $broker } already. It writes the registration once more: the broker keeps its epoch, { $brokerEpoch }, and stays fenced or unfenced as it was.
step-controller-registered-controller = Controller { $node } registered controller { $controller } with a RegisterControllerRecord.
step-controller-registration-answered = Controller { $node } is registered.
step-controller-registration-refused = The registration of controller { $node } was rejected: { $error }.
step-broker-registers = Broker { $node } asks the controller to register it.
step-broker-registration-answered = Broker { $node } is registered, with broker epoch { $brokerEpoch }.
step-broker-registration-refused = The registration of broker { $node } was rejected: { $error }.
step-broker-checkpoints = { $isNew ->
    [true] Broker { $node } wrote the high watermarks of its replicas to replication-offset-checkpoint. After a restart it continues from them.
   *[false] Broker { $node } wrote the high watermarks of its replicas to replication-offset-checkpoint. They are the same as before.
 }
step-broker-cleans-logs = Broker { $node } checked its logs for what retention and compaction may remove.
step-broker-stopped = Broker { $node } leads nothing any more and has shut down.
step-broker-registration-timed-out = No controller has registered broker { $node } within initial.broker.registration.timeout.ms of its start. Its process ends.
step-controlled-shutdown-timed-out = Broker { $node } has waited five minutes for the controller to approve its controlled shutdown, and has shut down without approval.
step-controller-stopped = Controller { $node } has shut down.
step-broker-forwards = Broker { $node } forwards { $api } to the controller.
step-waits-for-controller = Broker { $node } knows no active controller: its { $api } waits in the queue until one is known.
step-controller-request-timed-out = Broker { $node } had no answer to its { $api } within broker.heartbeat.interval.ms and gives it up. The next follows an interval later.
step-broker-returns = Broker { $node } returns the controller's answer to { $api }.
step-broker-answered = Broker { $node } answered { $api } of { $to } from its metadata cache, which may be behind the controller.
step-request-given-up = { CAPITAL($actor) } waited too long for { $to } and abandoned its { $api } request. It cannot know whether the request was carried out.

## Consumers and groups

step-consumer-looks-for-coordinator = Consumer { $consumer } asks which broker coordinates group { $group }.
step-consumer-found-coordinator = Consumer { $consumer } learned that broker { $node } coordinates group { $group }: it leads the partition of __consumer_offsets to which the group's name hashes.
step-coordinator-unavailable = Broker { $node } still coordinates group { $group } as far as the brokers know, and consumer { $consumer } has just failed to reach it: the consumer waits, and asks again.
step-consumer-learns-metadata = Consumer { $consumer } received metadata from broker { $node }.
step-consumer-joined = Consumer { $consumer } joined group { $group } in generation { $generation }. { $asLeader ->
    [true] It is the group's leader and computes who gets which partition.
   *[false] Another member computes the assignment.
 }
step-consumer-assigned = Consumer { $consumer } was assigned { $partitions ->
    [0] no partition
    [one] one partition
   *[other] { $partitions } partitions
 } in group { $group }.
step-consumer-got-target = Consumer { $consumer } learned the target assignment of its member epoch { $memberEpoch } in group { $group }: { $partitions ->
    [0] no partition
    [one] one partition
   *[other] { $partitions } partitions
 }. The broker computed it.
step-consumer-knows-position = Consumer { $consumer } will read { $partition } from offset { $offset } on.
step-consumer-validates-positions = Consumer { $consumer } asks broker { $node }, the leader as far as it knows, where in its log the leader epoch ends that it has read last. Until it knows, it does not fetch those partitions.
step-consumer-validated-positions = Broker { $node } told consumer { $consumer } where the epochs end in its log. What the consumer had read is still there: it reads on.
step-consumer-found-truncation = Consumer { $consumer } had read { $partition } up to offset { $from }, but in the leader's log that epoch ends at offset { $endOffset }: the rest was truncated. It reads on from there.
step-consumer-lost-epoch = Consumer { $consumer } had read { $partition } up to offset { $from }, but the leader knows nothing of that epoch. The setting auto.offset.reset decides where it reads on.
step-consumer-fetches = Consumer { $consumer } asks broker { $node } for records.
step-consumer-read = { SAME($from, $to) ->
    [true] The application of consumer { $consumer } received the record at offset { $from } of { $partition }. It was committed.
   *[false] The application of consumer { $consumer } received the records at offsets { $from } to { $to } of { $partition }. All of them were committed.
 }
step-consumer-read-nothing = Consumer { $consumer } received an empty answer from broker { $node }. This is no error: there is nothing to read yet. It asks again.
step-consumer-commits = Consumer { $consumer } commits offset { $offset } for { $partition }: the next offset that it wants to read.
step-consumer-committed = Consumer { $consumer } now knows that its commit of offset { $offset } for { $partition } is stored safely.
step-consumer-recovers = Consumer { $consumer } received { $error } for { $api } and reacts to it.
step-consumer-poll-timed-out = Consumer { $consumer } has not polled for max.poll.interval.ms, { $intervalMs } ms. For it, its membership of group { $group } is over, and it has no partitions any more.
step-consumer-heartbeats = Consumer { $consumer } sends its group coordinator a heartbeat.
step-consumer-idle = Consumer { $consumer } checked whether something is due. Nothing is.
step-coordinator-joins = Broker { $node }, the coordinator of group { $group }, accepted { $member } and waits for the other members.
step-join-cannot-complete = Broker { $node }, the coordinator of group { $group }, finds no protocol to choose: a protocol counts once for each time that a member names it, and none counts exactly as often as there are members. Kafka throws an IllegalArgumentException here; the join is not completed and nobody is answered.
step-coordinator-completes-join = Broker { $node }, the coordinator of group { $group }, has all members together: generation { $generation } begins.
step-coordinator-syncs = Broker { $node }, the coordinator of group { $group }, handed out the assignment of generation { $generation }. The group's leader, a client, computed it.
step-coordinator-heartbeat = { $error ->
    [NONE] Broker { $node }, the coordinator of group { $group }, received a member's heartbeat.
   *[other] Broker { $node }, the coordinator of group { $group }, received a member's heartbeat and answered { $error }.
 }
step-coordinator-appends-commit = Broker { $node }, the coordinator of group { $group }, appended offset { $offset } for { $partition } to __consumer_offsets. The consumer gets its answer when that record itself is committed.
step-coordinator-refuses = Broker { $node }, the coordinator of group { $group }, rejected a request: { $error }.
step-coordinator-answers-offsets = Broker { $node }, the coordinator of group { $group }, told a member the committed offsets.
step-coordinator-appends-txn-offsets = Broker { $node }, the coordinator of group { $group }, appended offsets of the transaction of { $transactionalId } to __consumer_offsets. They count once the transaction's COMMIT marker is there, too.
step-leader-verifies-transaction = Broker { $node } asks the coordinator of { $transactionalId } about the transaction before it appends: a batch must belong to a transaction that the coordinator knows.
step-leader-wrote-marker = { $committed ->
    [true] Broker { $node } wrote the COMMIT marker of a transaction to { $partition } at offset { $offset }.
   *[other] Broker { $node } wrote the ABORT marker of a transaction to { $partition } at offset { $offset }.
 }
step-transaction-coordinator-appends = Broker { $node }, the transaction coordinator of { $transactionalId }, appended { $state } to __transaction_state. The state changes when that record is committed.
step-transaction-coordinator-refuses = Broker { $node }, the transaction coordinator of { $transactionalId }, rejected a request: { $error }.
step-transaction-ends = { $state } of { $transactionalId } is committed in __transaction_state: the outcome of the transaction is certain. Its coordinator, broker { $node }, sends the markers to the leaders of its partitions.
step-transaction-markers-answered = Broker { $leader } told broker { $node }, the transaction coordinator, which markers it has written.
step-transaction-completes = Every partition of the transaction of { $transactionalId } has its marker. Its coordinator, broker { $node }, appends { $state } to __transaction_state.
step-transaction-timed-out = The transaction of { $transactionalId } was open for longer than transaction.timeout.ms. Its coordinator, broker { $node }, aborts it; the producer's epoch is an old one from now on.
step-coordinator-drops-member = Broker { $node }, the coordinator of group { $group }, removed { $member }. Its partitions go to the other members.
step-coordinator-expires = Broker { $node }, the coordinator of the groups in { $partition }, removed what nobody needs any more. Committed offsets: { $offsets }. Empty groups: { $groups }. Their tombstones go to { $partition }.

## The admin client and probes

step-admin-answered = { $error ->
    [NONE] The admin client received its answer to { $api }.
   *[other] The admin client received its answer to { $api }: { $error }.
 }
step-probe-answered = Probe { $probe } received its answer to { $api }.
step-nothing = Background work: nothing visible changed.

## Changes of a log

change-appended = Broker { $node } · { $partition } · { $asLeader ->
    [true] leader append
   *[false] follower append
 } at offset { $baseOffset }, epoch { $leaderEpoch }
change-truncated = Broker { $node } · { $partition } · truncated, LEO { $from } → { $to }
change-high-watermark-moved = Broker { $node } · { $partition } · HW { $from } → { $to }
change-log-start-moved = Broker { $node } · { $partition } · log start { $from } → { $to }
change-segment-rolled = Broker { $node } · { $partition } · new segment { $baseOffset }
change-segment-deleted = Broker { $node } · { $partition } · segment { $baseOffset } deleted
change-flushed = { $to ->
    [0] Broker { $node } · { $partition } · flushed, nothing in the log yet
   *[other] Broker { $node } · { $partition } · flushed, on disk below offset { $to }
 }
change-index-looked-up = Broker { $node } · { $partition } · offset { $offset }: segment { $segment }, { $entryOffset ->
    [-1] no index entry, from the file's start
   *[other] index entry { $entryOffset } → byte { $scannedFrom }
 }, { $scannedBatches ->
    [one] 1 batch
   *[other] { $scannedBatches } batches
 } ({ $scannedBytes } bytes) passed over, found at byte { $position }
change-time-index-looked-up = Broker { $node } · { $partition } · { $timestamp ->
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
change-compacted = Broker { $node } · { $partition } · compacted, { $removed ->
    [one] 1 record
   *[other] { $removed } records
 } removed
change-epoch-started = Broker { $node } · { $partition } · epoch { $leaderEpoch } starts at offset { $startOffset }
change-checkpoint-written = Broker { $node } · wrote { $file }
change-unflushed-lost = Broker { $node } · { $partition } · unflushed records lost, LEO { $from } → { $to }

## Changes of replication

change-follower-end-known = Broker { $leader } · { $partition } · follower { $follower } LEO { $from ->
    [-1] unknown
   *[other] { $from }
 } → { $to ->
    [-1] unknown
   *[other] { $to }
 }
change-follower-caught-up = Broker { $leader } · { $partition } · follower { $follower } last caught up { $fromMs } → { $toMs } ms
change-became-leader = Broker { $node } · leads { $partition }, epoch { $leaderEpoch }
change-became-follower = { $leader ->
    [-1] Broker { $node } · follows on { $partition }, no leader, epoch { $leaderEpoch }
   *[other] Broker { $node } · follows broker { $leader } on { $partition }, epoch { $leaderEpoch }
 }
change-isr-proposed = Broker { $node } · { $partition } · proposes ISR { $from } → { $to }
change-isr-changed = { $partition } · ISR { $from } → { $to } (partition epoch { $partitionEpoch })
change-leader-changed = { SAME($from, $to) ->
    [true] { $partition } · leader { $to } stays, with epoch { $leaderEpoch }
   *[false] { $partition } · leader { $from ->
        [-1] none
       *[other] { $from }
     } → { $to ->
        [-1] none
       *[other] { $to }
     } (epoch { $leaderEpoch })
 }
change-elr-changed = { $partition } · ELR { $from } → { $to }
change-replicas-changed = { $partition } · replicas { $from } → { $to }
change-divergence-found = Broker { $node } · { $partition } · { $endOffset ->
    [-1] leader knows no comparable epoch
   *[other] leader's epoch { $leaderEpoch } ends at offset { $endOffset }
 }

## Changes on a broker's request path

change-delayed-operation-watched = Node { $node } · { $api } of { $from } waits in purgatory
change-delayed-operation-completed = Node { $node } · { $api } of { $to } left purgatory{ $timedOut ->
    [true] {""}, timed out
   *[false] {""}
 }
change-refused = Node { $node } · { $api } of { $to } rejected: { $error }

## Changes of the control plane

change-metadata-appended = Controller { $node } · metadata log at offset { $offset }: { $types }
change-quorum-role-changed = { SAME($from, $to) ->
    [true] Controller { $node } · epoch { $epoch } · { $to } as before
   *[false] Controller { $node } · epoch { $epoch } · { $from } → { $to }
 }
change-vote-cast = Controller { $node } · epoch { $epoch } · vote for controller { $candidate }
change-metadata-replicated = Controller { $node } · metadata log end { $from } → { $to }
change-metadata-truncated = Controller { $node } · metadata log end { $from } → { $to }
change-voters-changed = Node { $node } · voters { $from } → { $to }
change-snapshot-created = Node { $node } · new snapshot of the metadata log up to { $endOffset }, epoch { $epoch }
change-snapshot-fetched = Node { $node } · snapshot up to { $endOffset }, epoch { $epoch } · fetched
change-snapshot-loaded = Node { $node } · image loaded from the snapshot up to { $endOffset }, epoch { $epoch }
change-snapshot-deleted = Node { $node } · snapshot up to { $endOffset }, epoch { $epoch } · deleted
change-metadata-log-start-moved = Node { $node } · metadata log start { $from } → { $to }
change-quorum-high-watermark-moved = Controller { $node } · high watermark of the metadata log { $from ->
    [-1] unknown
   *[other] { $from }
  } → { $to }
change-metadata-applied = Node { $node } · metadata offset { $from } → { $to }
change-broker-registered = Broker { $broker } · registered, broker epoch { $brokerEpoch }
change-broker-fenced = Broker { $broker } · fenced
change-broker-unfenced = Broker { $broker } · unfenced
change-topic-created = { $topic } · created, { $partitions ->
    [one] 1 partition
   *[other] { $partitions } partitions
 }
change-topic-deleted = { $topic } · deleted
change-log-level-changed = { $level ->
    [none] Node { $node } · level of the logger { $logger } taken back
   *[other] Node { $node } · logger { $logger } at { $level }
 }
change-config-changed = { $value ->
    [none] { $resource } · { $name } back to its default
   *[other] { $resource } · { $name } = { $value }
 }

## Changes of processes and links

change-crashed = Node { $node } · { $machine ->
    [true] machine crashed
   *[false] process crashed
 }
change-shut-down = Node { $node } · shut down
change-shutdown-requested = Node { $node } · shutdown requested
change-started = Node { $node } · started
change-paused = Node { $node } · paused
change-disk-slowed = { $byMs ->
    [0] Disk of node { $node } · fast again
   *[other] Disk of node { $node } · { $byMs } ms per write
 }
change-resumed = Node { $node } · resumed
change-link-cut = { CAPITAL($from) } ⇢ { $to } · cut
change-link-healed = { CAPITAL($from) } ⇢ { $to } · healed
change-dropped = { $api } · { $from } ⇢ { $to } · dropped
change-connection-broken = { CAPITAL($client) } ⇢ { $listener } · connection broken{ $lostBehind ->
    [0] {""}
    [one] , { $lostBehind } more message lost
   *[other] , { $lostBehind } more messages lost
 }
change-client-throttled = { CAPITAL($client) } · { $api } · throttled by node { $node } for { $throttleMs } ms
change-connection-closed = Node { $node } ⇢ { $client } · connection closed: { $reason ->
    [request-too-large] request too large
    [negative-request-size] size below 0
    [malformed-request] malformed request
    [idle] idle
   *[too-many-connections] too many of this address
}
change-delayed = { $api } · { $from } ⇢ { $to } · delayed by { $byMs } ms
change-duplicated = { $api } · { $from } ⇢ { $to } · duplicated
change-timed-out = { $api } · { $from } ⇢ { $to } · timed out

## Changes of producers

change-partitioned = Producer { $producer } · { $hash ->
    [none] chose { $partition } of { $partitions ->
        [one] 1 partition
       *[other] { $partitions } partitions
     }
   *[other] key { $key } → { $partition } (murmur2 { $hash }, { $partitions ->
        [one] 1 partition
       *[other] { $partitions } partitions
     })
 }
change-batch-sent = Producer { $producer } · { $partition } · { $records ->
    [one] 1 record
   *[other] { $records } records
 } sent to broker { $leader }
change-acknowledged = { $offset ->
    [-1] Producer { $producer } · { $partition } · sent without an acknowledgement (acks=0)
   *[other] Producer { $producer } · { $partition } · offset { $offset } acknowledged
 }
change-retried = Producer { $producer } · { $partition } · retry after { $error }
change-batch-split = Producer { $producer } · { $partition } · batch of { $records } records split into { $parts }
change-produce-failed = Producer { $producer } · { $partition } · abandoned: { $error }

## Changes of consumers and groups

change-producer-id-assigned = Producer { $producer } · producer id { $producerId }, epoch { $epoch }
change-producer-transaction = Producer { $producer } · transaction { $state }
change-transaction-call-timed-out = Producer { $producer } · { $call }() timed out
change-records-aborted = { $partition } · { $records } records of producer { $producer } thrown away unsent
change-producer-crashed = Producer { $producer } · crashed
change-producer-closed = Producer { $producer } · closed
change-records-abandoned = { $partition } · { $records } records of producer { $producer } abandoned by close()
change-producer-started = Producer { $producer } · started
change-metadata-learned = { CAPITAL($client) } · new metadata
change-coordinator-found = Consumer { $consumer } · coordinator of { $group } is broker { $node }
change-group-state-changed = Group { $group } · { $from } → { $to } (generation { $generation })
change-group-epoch-bumped = Group { $group } · rebalanced within one heartbeat, still { $state } (group epoch { $epoch })
change-assigned = Consumer { $consumer } · assigned { $partitions } (generation { $generation })
change-reconciled = Consumer { $consumer } · reconciled to { $partitions } (member epoch { $memberEpoch })
change-partitions-revoked = Consumer { $consumer } · revoked { $partitions }
change-partitions-lost = Consumer { $consumer } · lost { $partitions }
change-partitions-assigned = Consumer { $consumer } · assigned by its application { $partitions }
change-partitions-paused = Consumer { $consumer } · paused { $partitions }
change-partitions-resumed = Consumer { $consumer } · resumed { $partitions }
change-offset-reset-requested = Consumer { $consumer } · to ask where to read on in { $partitions }
change-subscribed = Consumer { $consumer } · subscribed to { $topics }
change-subscribed-to-pattern = Consumer { $consumer } · subscribed to { $pattern } · topics found { $topics }
change-unsubscribed = Consumer { $consumer } · unsubscribed
change-records-read = { SAME($from, $to) ->
    [true] Consumer { $consumer } · { $partition } · read offset { $from }
   *[false] Consumer { $consumer } · { $partition } · read offsets { $from } to { $to }
 }
change-deserialization-failed = Consumer { $consumer } · { $partition } · offset { $offset } cannot be deserialized
change-records-processed = { SAME($from, $to) ->
    [true] Consumer { $consumer } · { $partition } · processed offset { $from }
   *[false] Consumer { $consumer } · { $partition } · processed offsets { $from } to { $to }
 }
change-consumer-crashed = Consumer { $consumer } · crashed
change-fetch-session-closed = Consumer { $consumer } · ends its fetch session with node { $node }
change-consumer-closed = Consumer { $consumer } · closed
change-consumer-started = Consumer { $consumer } · started
change-position-moved = Consumer { $consumer } · { $partition } · position { $from ->
    [-1] none
   *[other] { $from }
 } → { $to }
change-offset-committed = { SAME($from, $to) ->
    [true] Group { $group } · { $partition } · committed { $to } once more
   *[false] Group { $group } · { $partition } · committed { $from ->
        [-1] none
       *[other] { $from }
     } → { $to ->
        [-1] none
       *[other] { $to }
     }
 }
change-commit-acknowledged = Consumer { $consumer } · { $partition } · commit of offset { $offset } acknowledged
change-member-left = Group { $group } · { $member } { $expired ->
    [true] removed, session expired
   *[false] left
 }
change-coordinator-loaded = Broker { $node } · coordinates the groups of __consumer_offsets-{ $partition }
change-transaction-state-changed = { $transactionalId } · { $from } → { $to }, producer id { $producerId }, epoch { $producerEpoch }
change-transaction-coordinator-loaded = Broker { $node } · coordinates the transactions of __transaction_state-{ $partition }

## Changes by a person

change-setting-changed = { $name } = { $value }
change-probe-answered = Probe { $probe } · { $api } answered
change-probe-disconnected = Probe { $probe } · connection closed by node { $node }

## Why it has not happened yet

why-too-few-voters = { $voters ->
    [one] The only controller does not run. Until it is started again nobody decides about the cluster.
   *[other] The metadata log has no leader, and none can be elected: a majority of its { $voters } voters is { $majority }, and these run: { $running }.
 }
why-leader-not-active = Controller { $node } leads epoch { $epoch } and decides nothing yet: the first record of its epoch, at offset { $offset }, is not known to be on a majority of the voters.
why-votes-missing = { $isPreVote ->
    [true] Controller { $node } asks whether an election would have a chance. It would have { $granted } of the { $majority } votes that it needs, its own among them; the epoch is still { $epoch }. These have not answered: { $silent }.
   *[false] Controller { $node } has { $granted } of the { $majority } votes that it needs in epoch { $epoch }, its own among them. These have not answered: { $silent }.
 }
why-election-lost = Controller { $node } has { $granted } of the votes of epoch { $epoch } and can no longer get { $majority }: too many voters are against it. It waits until its election timeout ends, and asks again.
why-election-timeout-runs = No voter asks for votes yet. The first whose election timeout ends is controller { $node }, in { $leftMs } ms.
why-fetch-timeout-runs = No voter asks for votes yet. Controller { $node } still takes controller { $leader } for the leader; unless a fetch from it succeeds before, it gives it up in { $leftMs } ms, as the first of the voters.
why-vote-given-to-another = { SAME($voter, $voted) ->
    [true] Controller { $voter } has voted for itself in epoch { $epoch }. A voter has one vote an epoch, so controller { $candidate } does not get it.
   *[false] Controller { $voter } has voted for controller { $voted } in epoch { $epoch }. A voter has one vote an epoch, so controller { $candidate } does not get it.
 }
why-vote-refused-for-log = Controller { $voter } has more in its metadata log (last epoch { $epoch }, end { $end }) than controller { $candidate } (last epoch { $candidateEpoch }, end { $candidateEnd }). What only the voter has could be committed, so it does not let that candidate lead.
why-voter-has-leader = Controller { $voter } follows controller { $leader }, has fetched from it, and has not given it up: while that is so it would not vote for controller { $candidate }.
why-voter-versions-awaited = Controller { $voter } is to become a voter. The leader, controller { $node }, has asked it which versions it supports and waits for the answer, at most controller.quorum.request.timeout.ms.
why-voters-not-committed = The leader, controller { $node }, has written who votes from now on, at offset { $offset }. These voters are known to have the record: { $having }. It is committed when { $majority } of the { $voters } new voters have it; until then no other change of voters begins.
why-broker-fenced = Broker { $node } is fenced: { $reason ->
    [down] its process is down.
    [paused] its process stands still and sends no heartbeats.
    [stopping] it is shutting down.
    [unregistered] its process has started, and has not been registered yet.
    [behind] it does not know its own registration yet, which is at offset { $registeredAt } of the metadata log. It will be unfenced once it has applied that.
   *[no-heartbeat] it knows its own registration, and the next of its heartbeats that reaches the controller unfences it.
 }
why-nobody-may-lead = { $partition } has no leader. Only members of its ISR ({ $isr }) and ELR ({ $elr }) may lead it without loss, and none of them is in service. Other replicas in service: { $inService }. Those could lead only after an unclean election.
why-high-watermark-waits = { $itsEnd ->
    [-1] The high watermark of { $partition } stays at { $highWatermark } although the leader's log ends at { $logEnd }. Every replica in the ISR ({ $isr }), and every one about to join it, has to have a record before that record is committed, and the leader has not heard yet how far broker { $waitingFor } is.
   *[other] The high watermark of { $partition } stays at { $highWatermark } although the leader's log ends at { $logEnd }. Every replica in the ISR ({ $isr }), and every one about to join it, has to have a record before that record is committed, and as far as the leader knows, the log of broker { $waitingFor } ends at { $itsEnd }.
 }
why-below-min-isr = The ISR of { $partition } is { $isr }, smaller than min.insync.replicas, which is { $minIsr }. While that is so the high watermark does not move at all, whatever acks the producer asked for.
why-follower-learns-later = Broker { $node } still has high watermark { $highWatermark } for { $partition }, while the leader has { $leaderHighWatermark }. It learns the new one from the answer to one of its next fetches.
why-consumer-threw = The last poll of consumer { $consumer } threw an exception: { $api } was answered with { $error }. It fetches nothing until its application polls again.
why-consumer-fatal = Consumer { $consumer } is no member of group { $group } any more, as far as it knows: the coordinator answered its heartbeat with an error that it cannot recover from. Its state is FATAL: only another consumer process joins again.
why-produce-waits = The producer has no answer yet: with acks=all the high watermark of { $partition } has to reach { $needs }, and it is { $highWatermark }.
why-consumer-waits = The consumer is at offset { $position } of { $partition }. The leader's log goes on to { $logEnd }, but { $highWatermark ->
    [0] nothing of it is committed yet, and only committed records may be read.
   *[other] only what is below the high watermark, { $highWatermark }, is committed and may be read.
 }
