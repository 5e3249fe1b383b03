# The page's own words. The engine's are in engine.ftl.

## The frame

intro = This is a whole Kafka cluster, running in your browser, one event at a time.
intro-do = Press Forward, or the → key, and follow one record to its committed offset.
cluster-line = KRaft · { $brokers ->
    [one] 1 broker
   *[other] { $brokers } brokers
 } · seed { $seed }
lessons = Lessons
new-cluster = New cluster
files = Files
share = Share
views = Views
tab-cluster = Cluster
tab-log = Log
tab-producer = Producer
tab-groups = Groups
tab-transactions = Transactions
tab-quorum = Quorum
tab-pipeline = Pipeline
tab-metrics = Metrics
place-socket = In the socket
place-request-queue = Request queue
place-handler = Handler thread
place-remote = Purgatory
place-response-queue = Response queue
place-sending = Sending
processor-reads = Reads { $api } of { $from }
processor-blocked = Waits for room: { $api } of { $from }
processor-sends = Sends to { $to }
processor-connections = { $count ->
    [one] { $count } connection
   *[other] { $count } connections
 }
connection-data = records and metadata
connection-coordinator = group coordinator
connection-heartbeat = heartbeats
connection-controller-registration = registration
connection-alter-partition = ISR changes
connection-transaction-markers = transaction markers
connection-transaction-verification = transaction verification
connection-forwarding = forwarded requests
connection-quorum = metadata log
metric = Metric
tab-partitioning = Partitioning
tab-settings = Settings
tab-lab = Request lab
close = Close
more = Everything that can be done
skip-to-forward = Skip to Forward
becomes = becomes
dismiss = Dismiss
link-copied = The link to this very step was copied.
link-in-address = The link is in the address bar. Copy it from there.
no-producer = This cluster has no producer.
crashed-title = The page crashed.

## Transport

transport = Transport
back = ◀ Back
forward = Forward ▶
play = Play
pause = Pause
size-micro = micro
size-message = message
size-milestone = milestone
step-size = How far one press goes
speed = Speed of Play
step = Step
scrubber = Position in the run
scrubber-value = step { $step } of { $of }
next-change = To the next change
next-change-told = { $after }: { $what }
next-change-looking = Looking ahead…
next-change-nothing = Nothing new within { $seconds } s of virtual time
next-change-recorded = What was done here before
nothing-ahead = Nothing new is ahead. Send a record, change a setting or make something fail.
lane-commands = You
lane-faults = Faults
lane-leaders = ISR, leaders
lane-high-watermarks = HW
lane-clients = Clients
marks-more = and { $count } more
branches = Branches of this run
branch-first = { $number } · The run as it began
branch-name = { $number } · Step { $step }: { $what }
runs = Runs
runs-text = What was opened stays here. Each branch begins where you acted in the past.
run-line = { $brokers ->
    [one] one broker, at step { $step }
   *[other] { $brokers } brokers, at step { $step }
 }
run-first = The first page
run-own = A cluster of your own
run-opened = Opened from a link or a file
nothing-to-undo = There is nothing to undo.
nothing-to-redo = There is nothing to redo.
work = { $made } of { $of } steps
work-label = How far it is
work-stop = Stop here

## What happened, why, what next

what = What happened, and why?
happened = What happened?
at-start = Nothing has happened yet.
changed = What changed?
why = Why has it not happened yet?
this-step = This step
wait-told = Nothing new happened for { $time }. On the way: { $counts }.
passed-told = On the way, { $time }: { $counts }
passed-unfold = { $steps ->
    [one] Show what happened in this step
   *[other] Show what happened in these { $steps } steps
 }
passed-more = and { $count } more: the list of all steps has them
took-ms = { $ms } ms
took-seconds = { $seconds } s
routine-connection-refused = { $count } × connection refused
routine-peer-gone = { $count } × connection closed
routine-retry = { $count } × retry
routine-request-timeout = { $count } × request timed out
routine-held = { $count } × held up
routine-empty-fetch = { $count } × empty fetch
routine-empty-metadata-fetch = { $count } × empty metadata fetch
routine-heartbeat = { $count } × heartbeat
routine-election-attempt = { $count } × election attempt
routine-upkeep = { $count } × upkeep
routine-perf-test = { $count } × records handed over by a perf test
routine-none = { $count } × other event
idle = Only heartbeats and empty fetches have passed for a while: the cluster is at rest. Send a record, change a setting or make something fail, and there will be steps of size “message” again.
idle-unfinished = Only heartbeats and empty fetches have passed for a while, but the cluster is not at rest: { $what }. Repair that, or continue in smaller steps until a timeout expires.
unfinished-cut-links = { $what ->
    [one] one direction of a link is cut
   *[other] { $what } directions of links are cut
 }
unfinished-held-messages = { $what ->
    [one] one message is held on a cut link
   *[other] { $what } messages are held on cut links
 }
unfinished-nodes = not running: node { $what }
unfinished-waiting-requests = { $what ->
    [one] one request waits in purgatory
   *[other] { $what } requests wait in purgatory
 }
unfinished-unsent-records = { $what ->
    [one] one record or batch of a producer is not acknowledged
   *[other] { $what } records or batches of producers are not acknowledged
 }
recorded = Part of this run
next-more = Show { $count } more
nothing-pending = Nothing is scheduled any more.
deliver-next = Deliver next
do-next = Do next
open-message = Open the message
drop = Drop
delay = +{ $ms } ms
duplicate = Duplicate
behind-on-its-connection = Something sent earlier on the same connection has to arrive first.
answer-to = { $api } answer
tour-done = The journey is complete
tour-done-text = The record is in every log, acknowledged and read, and its offset is committed. What would you ask next?
follow-up-crash-leader = What if the leader crashes before the second fetch?
follow-up-acks-one = What is different with acks=1?
follow-up-not-earlier = Why did the consumer not see it earlier?
follow-up-impossible = This run has no such moment.
ran-crash-leader = You are back before the second fetch, and the leader has crashed. Step on: who takes over?
ran-acks-one = This is the same cluster with acks=1. Watch when the producer is answered.
ran-not-earlier = The first follower has proved that it has the record. The tab “Why” says what the consumer waits for.

## The right side's tabs

side-tabs = More about this step
side-why = Why
side-cause = Cause
side-next = Next
side-steps = Steps
why-nothing = Nothing is waited for here: no high watermark, no acknowledgement, no reader.
cause-none = Nothing in this run caused this step: it was scheduled when the cluster began.
your-command = Your command
causes-between = { $count ->
    [one] 1 step between
   *[other] { $count } steps between
 }
steps-count = { $count } of { $all ->
    [one] 1 step
   *[other] { $all } steps
 }
steps-searching = Still to be searched: { $left }.
steps-filter = Words to look for
steps-kind = Kind of steps
steps-actor = Who acted
steps-any-actor = Anyone
steps-any-partition = Any partition
steps-micro = Every event
steps-message = Messages and more
steps-milestone = Milestones
steps-commands = Your commands
steps-faults = Faults
steps-elections = Leaders
steps-losses = Records cut off or deleted
steps-isr = ISR
steps-high-watermark = High watermark
steps-acknowledged = Acknowledgements
steps-read = Records read
steps-offset-committed = Offsets committed
steps-commit-acknowledged = Commits acknowledged
steps-other = Other milestones

## What will happen

duration-ms = { $ms } ms
duration-seconds = { $seconds } s
next-timers = { $count ->
    [one] 1 timer
   *[other] { $count } timers
 }
next-deliver = { $api } of { $from } will reach { $to }
next-deliver-answer = The answer to { $api } from { $from } will reach { $to }
next-close = { CAPITAL($to) } will learn that its connection with { $from } is closed
next-deliver-bytes = { $count ->
    [one] A single byte of { $from } will reach { $to }
   *[other] { $count } bytes of { $from } will reach { $to }
}
next-poll = The network threads of { $actor } will look at their connections: bytes to read, idle ones to close
next-handle = { $node } will handle { $api } of { $from }
next-handler-done = A handler thread of { $node } will be done with { $api } of { $from }
next-processor = A network thread of { $actor } will be done with what it reads or sends
next-disk = The disk of { $actor } will have written what it was given first
next-connection-setup = { CAPITAL($actor) } will stop waiting for a connection to { $who } to open
next-throttle = The pause that a quota imposed on { $who } will be over: { $actor } will read from its connection again
next-send = { CAPITAL($actor) } will send { $who } the { $api } that it holds back
next-handler = A handler thread of { $actor } will look for a request
next-idle-connections = { CAPITAL($actor) } will look for connections on which nothing has passed for connections.max.idle.ms
next-request-timeout = { $actor } will look which of its open requests has run out of time
next-registration-timeout = { $actor } will abandon its registration, and its process will end
next-broker-heartbeat = { $actor } will report to the controller
next-metadata-fetch = { $actor } will fetch the metadata log again
next-replica-fetch = { $actor } will fetch from { $who } again
next-isr-expiration = { $actor } will look whether followers lag
next-alter-partition = { $actor } will propose its ISR again
next-high-watermark-checkpoint = { $actor } will write its high watermarks to disk
next-log-cleanup = { $actor } will look after its logs: retention, compaction, checkpoints
next-purgatory = { $api } of { $who } will have waited long enough at { $actor }
next-purgatory-waited = { $api } of { $who } will have waited { $ms } ms at { $actor }
next-forward-retry = { $actor } will try again to pass a request on to the controller
next-transaction-abort = { $actor } will look for transactions that are open for too long
next-transactional-id-expiration = { $actor } will look for transactional ids that nobody uses
next-transaction-markers = { $actor } will send markers again that are not written
next-add-partitions-to-txn-retry = { $actor } will ask a transaction coordinator again
next-group-join = The join phase of group { $group } will end
next-group-session = The session of member { $member } of group { $group } will end, unless it is heard of before
next-group-rebalance = Member { $member } of group { $group } must have released its partitions by then
next-group-member-join = Member { $member } of group { $group } must have joined again by then
next-group-member-sync = Member { $member } of group { $group } must have synced by then
next-group-regex = { $actor } will resolve the regular expressions that group { $group } subscribes with
next-offsets-expiration = { $actor } will look for committed offsets that have expired
next-controller-sessions = { $actor } will look whose session has run out
next-controller-balance = { $actor } will look for partitions that their preferred leader does not lead
next-controller-unclean = { $actor } will look for partitions without a leader that an unclean election may have
next-election-timeout = { $actor } will ask for votes, unless a leader is found before
next-quorum-fetch-timeout = { $actor } will have waited long enough for the quorum’s leader to answer its fetch
next-check-quorum = { $actor } will look whether a majority still fetches
next-begin-quorum-epoch = { $actor } will tell voters that do not fetch who leads
next-append-entries = { $actor } will send the other voters a heartbeat
next-quorum-retry = { $actor } will ask a node of the quorum again
next-voter-change = { $actor } will give up waiting for the change of the voters
next-snapshot-cleaning = { $actor } will look for snapshots of the metadata log that may go
next-controller-registration = { $actor } will try again to register unless it is registered by then
next-controller-shutdown = { $actor } will wait no longer for another leader and shut down
next-producer-linger = A batch of { $actor } will have lingered for linger.ms
next-perf-test = The perf test of { $actor } will hand over its next record
next-producer-retry = { $actor } will try again
next-client-metadata = { $actor } will refresh its metadata
next-application = The application of { $actor } will do its next work
next-consumer-poll = { $actor } will poll, or try again what it was doing
next-consumer-heartbeat = { $actor } will send its group heartbeat
next-consumer-auto-commit = { $actor } will commit its positions by itself
next-admin-retry = The admin client will try again

## The scene

scene = The cluster
parties = Who is shown
controllers-epoch = Controller · epoch { $epoch }
controllers-none = No active controller
controller-label = Controller { $id }
metadata-offset = metadata log committed to { $offset }
producer-idle = idle
producer-waiting = { $count } in batches
producer-in-flight = { $count } in flight
producer-acknowledged = { $count } acked
consumer-line = position { $position } · committed { $committed }
consumer-many = { $count } partitions · { $read } read
consumer-unassigned = no partitions
consumer-down = down
rack = rack { $rack }
leader-epoch = leader · epoch { $epoch }
leader = leader
leader-epoch-short = leader · e{ $epoch }
leader-deposed = former leader · epoch { $epoch }
follower = follower
follower-elected = elected, does not know yet
follower-out-of-sync = follower, not in ISR
cell-removed = Offset { $offset } · leader epoch { $epoch } · removed in this step
offline = offline
folded = { $topic } · { $count ->
    [one] 1 partition
   *[other] { $count } partitions
 }
on-broker = { $what } on broker { $node }
waits-for-hw = purgatory: { $api } of { $who } waits for HW { $offset }
waits-for-hw-short = { $api } of { $who } waits for HW { $offset }
waits-in-line = purgatory: { $count ->
    [one] 1 fetch waits
   *[other] { $count } fetches wait
 } ({ $who })
request-queue = request queue: { $count }
state-running = running
state-starting = starting
state-fenced = fenced
state-stopping = shutting down
state-paused = paused
state-down = down
state-puppet = played by hand
envelope-gone = This message has arrived or is lost
replica-label = { $partition } on broker { $node }: { $role }, LEO { $end }, HW { $hw }
reader-title = { $who }: position { $position }, committed { $committed }
follower-elected-short = elected
follower-out-of-sync-short = not in ISR
actions-of = { $who }: what can be done
disk-is-slow = Slow disk: each write takes { $ms } ms
purgatory-count = { $count ->
    [one] 1 request waits in purgatory
   *[other] { $count } requests wait in purgatory
 }
by-hand = By hand
message-closes-connection = Connection closed
message-raw-bytes = { $count ->
    [one] { $count } raw byte
   *[other] { $count } raw bytes
}
request-waits = Request of { $who }, waiting at a broker
selection-open = Open
selection-clear = Let it go (Esc)
zoom = Size of the scene
zoom-in = Nearer
zoom-out = Farther
zoom-fit = Show all
legend = Legend

## What can be done

start-node = Start
crash-process = Crash the process
crash-machine = Crash the machine
stop-node = Shut down cleanly
pause-node = Pause
resume-node = Resume
start-means = The process starts, loads its logs and registers.
crash-process-means = Like kill -9: the process is gone, but its writes are safe in the page cache.
crash-machine-means = The power fails: whatever was not flushed to disk is lost, and nobody is told. The others notice only when they time out.
stop-means = SIGTERM: the broker hands over its leaderships before it exits.
stop-controller-means = SIGTERM: it finishes its work and exits.
pause-means = Like a long GC pause: it does nothing, and does not notice.
slow-disk = Slow down its disk
slow-disk-means = From now on each write takes 500 ms: what it fetches and what it receives waits for the disk, one after another.
quick-disk = Make its disk fast again
quick-disk-means = Writes take no time any more.
resume-means = It continues with everything it believed before, however old that is by now.
poll = Poll once
commit = Commit its position
process = Process what it holds
crash-consumer = Crash the process
close-consumer = Close it
consumer-partitions = Its partitions
consumer-subscription = What it reads
seek = The offset it reads on from: change it to seek.
seek-to-beginning = seekToBeginning()
seek-to-end = seekToEnd()
pause-partition = pause()
resume-partition = resume()
subscription-way = How
subscription-to = To
subscribe-topics = subscribe() to topics
subscribe-pattern = subscribe() to a pattern
assign-partitions = assign() partitions
consumers-read = How consumers read
consumers-pattern = Pattern of topic names
subscribe = Call it
unsubscribe = unsubscribe()
start-consumer = Start
crash-producer = Crash the process
close-producer = Close it
start-producer = Start
init-transactions = initTransactions()
begin-transaction = beginTransaction()
commit-transaction = commitTransaction()
abort-transaction = abortTransaction()
send-offsets-to-transaction = sendOffsetsToTransaction() of consumer { $consumer }
producer-down = down
producer-transaction = Transaction
transaction-error = { $error }
transaction-version-1 = Transaction version 1: each partition is added at the coordinator before anything is sent there.
transaction-version-2 = Transaction version 2: a partition joins by being written to, and each end raises the epoch.
transaction-version-unknown = It has not asked yet which version of transactions the cluster has.
transaction-coordinator = Coordinator: broker { $node }.
transaction-no-coordinator = It does not know its coordinator yet.
transaction-of-application = The application of consumer { $consumer } moves it: it reads, processes, writes and commits by itself.
links = Links
cut-link = Cut
heal-link = Heal
link-title = Link: { $one } – { $other }
link-label = Link { $one } – { $other }: { $state }
link-works = works
link-cut = cut
link-cut-one-way = cut one way
link-means = Nobody is told of a cut. As with TCP, what is sent waits and is sent again until the link is healed or a timeout expires.
cut-both = Cut both ways
cut-one-way = Cut { $from } → { $to }
on-this-link = On this link now
nothing-on-link = No message is in flight on this link.
held = held
held-on-link = { $count } held
produce = Produce a record
producer-more = Perf test, close, crash …
producer = Producer
topic = Topic
partition = Partition
partition-by-key = chosen by the key
record-key = Key
record-value = Value
record-headers = Headers
send = Send

## Log

broker-choice = Broker
role = Role
flushed-to = Flushed to
log-of = The log of { $partition }
segments = Segments
active = active
size-bytes = { $bytes } B
recovery-point-means = From recovery-point-offset-checkpoint: after an unclean shutdown, the log is checked from here on.
flushed-means = What is certainly on disk. The rest is only in the page cache, and is lost if the machine crashes.
replicas-of = The replicas of { $partition }, on one axis of offsets
epoch-cache = Leader-epoch cache
no-epochs = No epoch has been recorded yet.
from-offset = from offset { $offset }
older-batches = { $count ->
    [one] 1 older batch is not shown
   *[other] { $count } older batches are not shown
 }
empty-segment = No batch yet.
flushed-batch = on disk
page-cache-batch = only in the page cache
batch-flushed = At byte { $position } · timestamp { $time } · on disk
batch-unflushed = At byte { $position } · timestamp { $time } · only in the page cache
index-entries = Indexes: { $offsets ->
    [one] 1 offset
   *[other] { $offsets } offsets
 }, { $times ->
    [one] 1 timestamp
   *[other] { $times } timestamps
 }
sparse-index = A sparse index: one entry for every index.interval.bytes of batches. A lookup takes the nearest entry below and scans on from there.
no-index-entry = No entry yet.
checkpoint-files = Checkpoint files
no-files = No checkpoint file yet.
no-broker = This cluster has no broker.

## Groups

no-group = No coordinator knows a group yet. Press Forward until a consumer has joined.
no-group-no-consumer = This cluster has no consumer, so there is no group. Order a cluster with consumers (N), or send JoinGroup from the request lab.
committed = Committed
axis-committed = committed
axis-read = read, not committed
axis-unread = not read
axis-lso = LSO: where read_committed stops
axis-hw = HW
in-hand = { CAPITAL($who) } holds { $count ->
    [one] 1 record that it has
   *[other] { $count } records that it has
 } not processed.
processed-title = Processed
processed-times = offset { $offset }: { $times ->
    [one] once
   *[other] { $times } times
 }

## Transactions

no-transaction = No coordinator knows a transactional id yet. Send InitProducerId with a transactional id from the request lab, then a Produce with its producer id, and EndTxn.

## A producer

producer-unassigned = { $records ->
    [0] No record waits for metadata or memory.
    [one] 1 record waits: its topic's partitions are not known yet, or there is no memory for its batch.
   *[other] { $records } records wait: their topic's partitions are not known yet, or there is no memory for their batches.
 }
producer-memory = Of the { $total } bytes of buffer.memory { $available } are left.
producer-known-leaders = Leaders it believes in
producer-identity = Producer id
producer-not-idempotent = With enable.idempotence=false, batches carry no id and no sequence numbers, and one that is sent twice may be stored twice.
producer-id-line = Id { $id }, epoch { $epoch }
producer-id-asked = A broker has been asked for an id (InitProducerId). Batches wait for it.
producer-id-none = No id yet. The producer asks for one when it has something to send.
producer-last-acknowledged = Last acknowledged
producer-next-sequence = Next sequence
producer-callbacks = Callbacks
producer-outcome-acknowledged = { $records ->
    [one] 1 record acknowledged
   *[other] { $records } records acknowledged
 }
producer-outcome-failed = { $records ->
    [one] 1 record failed
   *[other] { $records } records failed
 }
producer-batches = Batches that are not done
producer-no-batch = No batch waits or is in flight.
producer-batch-lingers = Lingers ({ $left })
producer-batch-ready = Ready
producer-batch-backs-off = Backs off ({ $left })
producer-batch-in-flight = In flight to broker { $node }
producer-batch-line = { $records ->
    [one] 1 record
   *[other] { $records } records
 }, { $bytes } bytes, sent { $attempts ->
    [one] once
   *[other] { $attempts } times
 }
producer-batch-sequence = base sequence { $sequence }
producer-batch-expires = abandoned in { $left }
ledger = What became of each record
producer-batch-filled = How full the batch is, of batch.size
producer-settings = Settings that decide what becomes of a record

## Partitioning

last-record = The last record
no-record-yet = No producer has chosen a partition yet: send a record.
try-a-key = Try a key
try-a-key-hint = user-1
topic-of = { $topic } · { $count ->
    [one] 1 partition
   *[other] { $count } partitions
 }
key-bytes = Bytes (UTF-8)
bytes-count = { $count ->
    [one] 1 byte
   *[other] { $count } bytes
 }, four at a time
murmur2 = murmur2, as a signed 32-bit number
mask = & 0x7fffffff
mask-cleared = The sign bit is cleared. That is not the absolute value.
mask-nothing = The sign bit was clear already.
modulo = Modulo the number of partitions
by-application = The application named the partition: nothing was computed.
sticky-means = Without a key nothing is hashed: the producer sticks to one partition until batch.size bytes have gone there, then draws another (KIP-794).
round-robin-means = The RoundRobinPartitioner looks at no key: record after record goes to the next partition that has a leader.
default-partitioner-means = The DefaultPartitioner of Kafka before 2.4: records without a key go to the partitions that have a leader in turn, one record each.

## Settings

scope = Whose
scope-topic = Topic { $name }
scope-brokers = All brokers (default)
scope-group = Group { $name }
scope-network = Simulated network
scope-pipeline = Request pipeline of { $actor }
value-null = null

## Request lab

lab-text = Send any request to any node, with Kafka’s own field names. The node answers as it would answer a client; press Forward to let the request travel.
request = Request
to = To
listener = Listener
lab-fill = Fill in from the cluster
request-body = Request body
answer = Answer
waits-in-purgatory = No answer yet: the request waits in purgatory.
answer-on-its-way = No answer yet: the request or its answer is in flight. Press Forward.

## New cluster

your-own = Your own
brokers = Brokers
controllers-of-quorum = Controllers
controllers-where = Controllers run
controllers-dedicated = in processes of their own
controllers-combined = in the processes of the first brokers
partitions-of-orders = Partitions of orders
producers = Producers
consumers = Consumers
seed = Seed
create-cluster = Create the cluster
misfit-one-to = Must be from 1 to { $bound }
misfit-more-than-brokers = More replicas than brokers ({ $bound })
misfit-more-controllers = More controllers than brokers ({ $bound })
misfit-more-than-replicas = More than the replication factor ({ $bound }): no acks=all write could ever succeed
misfit-at-most = At most { $bound }

## Files

save-run = Save this run
save-run-text = A run is its cluster, its seed and your commands: one small JSON file brings back every step.
export = Download JSON
open-run = Open a run
open-file = A JSON file
paste-run = A link, or JSON
open = Open
file-unreadable = The file cannot be read.

## Keys

keys = Everything that can be done, and its keys
key-forward = One step forward
key-back = One step back
key-play = Play, pause
key-start = To the start
key-end = To the end of the known future
key-next-change = To the next change
key-undo = Undo what you did
key-redo = Redo what was undone
key-runs = Runs and branches
key-micro = micro: every event, each hop inside a broker
key-message = message: every request or answer that changed something
key-milestone = milestone: what you would tell a colleague
key-produce = Produce a record
key-new-cluster = New cluster
key-lessons = Lessons
key-files = Save and open runs
key-share = Copy the link to this step
key-lang = 한국어 / English
key-theme = Light or dark
key-walk = Within the scene and within tabs: the one before, the next one
key-keys = Keys
key-close = Close

## Timers

timer-disk = Slow disk
timer-connection-setup = Connection setup timeouts
timer-throttle = Throttled connections
timer-poll = Looks at connections
timer-send = Requests held back
timer-handler = Handler thread
timer-processor = Network thread
timer-idle-connections = Idle connections
timer-request-timeout = Request times out
timer-registration-timeout = Registration timeout
timer-broker-heartbeat = Broker heartbeat
timer-metadata-fetch = Metadata fetch retry
timer-replica-fetch = Fetch retry
timer-isr-expiration = ISR check
timer-alter-partition = ISR proposal retry
timer-high-watermark-checkpoint = HW checkpoint
timer-log-cleanup = Log cleanup
timer-purgatory = Wait in purgatory ends
timer-forward-retry = Forwarding retry
timer-transaction-abort = Look for transactions that are open for too long
timer-transactional-id-expiration = Look for unused transactional ids
timer-transaction-markers = Retry of transaction markers
timer-add-partitions-to-txn-retry = Retry at the transaction coordinator
timer-group-join = Join phase ends
timer-group-session = Member session expires
timer-group-rebalance = Member has to give up partitions
timer-group-member-join = Member has to rejoin
timer-group-member-sync = Member has to sync
timer-group-regex = Resolve subscribed regular expressions
timer-offsets-expiration = Look for expired offsets
timer-election-timeout = Election timeout
timer-quorum-fetch-timeout = Fetch timeout of the metadata log's leader
timer-check-quorum = Check whether a majority still fetches
timer-begin-quorum-epoch = Tell voters who leads
timer-append-entries = Send a heartbeat to the voters
timer-quorum-retry = Ask a voter again that did not answer
timer-voter-change = A change of the voters takes too long
timer-snapshot-cleaning = Look for snapshots of the metadata log that may go
timer-controller-registration = Register with the active controller again
timer-controller-shutdown = Stop waiting for another leader and shut down
timer-controller-sessions = Broker session check
timer-controller-balance = Preferred leader check
timer-controller-unclean = Unclean election check
timer-producer-linger = linger.ms ends
timer-perf-test = Perf test
timer-producer-retry = Producer retry
timer-client-metadata = Metadata refresh
timer-application = Application
timer-consumer-poll = Next poll
timer-consumer-heartbeat = Group heartbeat is due
timer-consumer-auto-commit = Auto commit
timer-admin-retry = Admin client tries again

## Lessons

lesson = Lesson
all-lessons = ← All lessons
lesson-done = You have reached every goal of this lesson. The cluster is yours now: break it, or open the next lesson.
lesson-next = Next: { $title }
lesson-completed = completed
lesson-continue = Continue
goals = The goals of this lesson
goals-count = { $reached } of { $goals } goals
goals-all = You have reached every goal.
lessons-done = { $done } of { $all } completed
lessons-order = Order of the lessons
lessons-filter = Filter by title or section
lessons-none = No lesson or section matches.
by-track = By track
by-section = By section
sections-covered = { $covered } of { $all } sections
not-yet = Not covered yet:
lesson-advance = Run until the goals are reached
lesson-used = Done; once more
lesson-look = Look at “{ $tab }”
lesson-bar = What to do in this part of the lesson
answer-comes = Noted. The answer comes with the step that decides it.
lesson-hint = Hint
lesson-solve = Do it for me
before-you-step = Before you step:
lessons-text = Each lesson opens a cluster of its own. Goals are checked on the running engine, and what you predict, the engine answers.
connection-closed = The node closed the connection without an answer.

## What a person asks when something has not happened

ask-too-few-voters = Why is there no controller?
ask-leader-not-active = Why does the new controller not decide yet?
ask-votes-missing = Why is nobody elected yet?
ask-election-lost = Why is this candidate not elected?
ask-election-timeout-runs = Why does nobody ask for votes yet?
ask-fetch-timeout-runs = Why does nobody ask for votes yet?
ask-vote-given-to-another = Why was the vote rejected?
ask-vote-refused-for-log = Why was the vote rejected?
ask-voter-has-leader = Why was the vote rejected?
ask-voter-versions-awaited = Why is it not a voter yet?
ask-voters-not-committed = Why have the voters not changed yet?
ask-broker-fenced = Why is the broker fenced?
ask-nobody-may-lead = Why can no broker lead the partition?
ask-high-watermark-waits = Why has the high watermark not moved yet?
ask-below-min-isr = Why does the high watermark not move?
ask-follower-learns-later = Why does a follower not know it yet?
ask-produce-waits = Why has the producer no acknowledgement yet?
ask-consumer-threw = Why does the consumer read nothing?
ask-consumer-fatal = Why does the consumer not join again?
ask-consumer-waits = Why does the consumer not see it yet?

invariants = What must always hold
invariants-hold = All invariants hold
invariant-broken = Broken at step { $step }
invariants-about = Checked after every step from outside the cluster: no process in it could know these things. With today's Kafka none of them breaks; some historical settings break one, and then the step is shown.

# --- recordings of a real Kafka ---
real-kafka = Real Kafka
recording = A recording of a real Kafka
recordings-text = Runs of a real Apache Kafka, recorded step by step. The engine replays each one, and its answers are shown beside Kafka’s. Titles and field names are those of the recordings.
lessons-unfetched = The lessons cannot be fetched from where this page is hosted.
fetch-again = Fetch again
lang-unfetched = The Korean texts cannot be fetched, so the page is in English. 한국어 문장을 가져오지 못해 영어로 표시합니다.
recordings-unfetched = The recordings cannot be fetched from where this page is hosted.
recording-own = Open a recording of your own
recording-unplayed = Nothing of this recording can be played: it needs what the engine does not have yet.
recording-of = Apache Kafka { $version }
recording-agrees = { $facts ->
    [one] one fact agrees
   *[other] { $facts } facts agree
 }
recording-differs = { $facts ->
    [one] one fact differs
   *[other] { $facts } facts differ
 }
recording-unsaid = { $facts ->
    [one] one fact not compared
   *[other] { $facts } facts not compared
 }
all-recordings = ← All recordings
kafka-answered = Kafka
engine-answered = Here
answers-agree = The answers agree
answers-differ = The answers differ
fetching = Loading …
error-request-not-json = This is not JSON: see line { $line }, column { $column }.
error-recording-not-json = This is not JSON: see line { $line }, column { $column }.
error-recording-bad-field = This is not a recording: { $at } is not { $expected }.
not-compared = Not compared: the engine cannot express this yet.
answers-only-kafka = What Kafka answered

# A cluster from its property files

## Quorum

broker-label = Broker { $id }
voter-actions = Crash, pause, cut its links …
vote-granted = granted
vote-refused = rejected
vote-open = no answer yet
ago-ms = { $ms } ms ago
record-committed = committed
record-uncommitted = not known to be committed

# The console
tab-console = Console
console-intro = Kafka’s command line tools, asked of this cluster as it is now. Type help to see which there are.
console-label = Command line
console-run = Run
console-waits = The request is sent. Its answer comes with the next steps.
