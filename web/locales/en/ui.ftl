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
tab-groups = Groups
tab-lab = Request lab
close = Close
dismiss = Dismiss
link-copied = Link to this very step copied.
link-in-address = The link is in the address bar: copy it there.
no-producer = This cluster has no producer.
crashed-title = The page broke.

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
step = step
scrubber = Position in the run
scrubber-value = step { $step } of { $of }

## What happened, why, what next

what = What happened and why
happened = What happened
at-start = Nothing yet. The cluster is at rest.
changed = What changed
why = Why not yet?
causes = Cause
this-step = this step
next = Next
idle = For a while now only heartbeats and empty fetches have passed: the cluster is at rest. Send a record, change a setting or make something fail, and steps of size “message” come again.
idle-unfinished = For a while now only heartbeats and empty fetches have passed, yet the cluster is not at rest: { $what }. Mend that, or go on in smaller steps until a time runs out.
unfinished-cut-links = { $what ->
    [one] one way is cut
   *[other] { $what } ways are cut
 }
unfinished-held-messages = { $what ->
    [one] one message waits in a cut link
   *[other] { $what } messages wait in cut links
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
recorded = In this run
next-more = show { $count } more
nothing-pending = Nothing is scheduled any more.
deliver-next = Deliver next
do-next = Do next
drop = Drop
delay = +{ $ms } ms
duplicate = Duplicate
answer-to = { $api } answer
handles = { $api } handled
tour-done = The journey is complete
tour-done-text = The record is in every log, acknowledged, read, and its offset committed. What would you ask next?
follow-up-crash-leader = Crash the leader before the second fetch
follow-up-acks-one = The same with acks=1
follow-up-not-earlier = Why did the consumer not see it earlier?
follow-up-impossible = This run has no such moment.
ran-crash-leader = Back before the second fetch, and the leader is dead. Step on: who takes over?
ran-acks-one = The same cluster with acks=1. Watch when the producer is answered.
ran-not-earlier = The first follower has proved that it has the record. See “Why not yet?”.

## The scene

scene = The cluster
parties = Who is shown
controllers-epoch = Controller · epoch { $epoch }
controllers-none = No active controller
controller-label = Controller { $id }
metadata-offset = metadata log committed to { $offset }
producer-idle = idle
producer-waiting = { $count } in its batch
producer-in-flight = { $count } in flight
producer-acknowledged = { $count } acked
consumer-line = position { $position } · committed { $committed }
consumer-many = { $count } partitions · { $read } read
consumer-unassigned = no partitions
rack = rack { $rack }
leader-epoch = leader · epoch { $epoch }
leader = leader
leader-epoch-short = leader · e{ $epoch }
leader-deposed = old leader · epoch { $epoch }
follower = follower
follower-elected = elected, not told yet
follower-out-of-sync = follower, not in ISR
cell-removed = offset { $offset } · leader epoch { $epoch } · cut off in this step
offline = offline
folded = { $topic } · { $count ->
    [one] 1 partition
   *[other] { $count } partitions
 }
waits-for-hw = purgatory: { $api } of { $who } waits for HW { $offset }
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

## What can be done

start-node = Start
crash-process = Crash the process
crash-machine = Crash the machine
stop-node = Shut down cleanly
pause-node = Pause
resume-node = Resume
start-means = The process starts, loads its logs and registers anew.
crash-process-means = Like kill -9: the process is gone, its writes are safe in the page cache.
crash-machine-means = The power fails: whatever was not flushed to disk is lost.
stop-means = SIGTERM: the broker hands its leaderships over before it ends.
stop-controller-means = SIGTERM: it ends in good order.
pause-means = Like a long GC: it stands still, and does not notice.
slow-disk = Slow its disk down
slow-disk-means = From now on each write takes 500 ms: what it fetches and what it is sent waits for the disk, one after the other.
quick-disk = Make its disk quick again
quick-disk-means = Writes take no time any more.
resume-means = It runs on with all it believed before, however old that is by now.
poll = Poll once
commit = Commit its position
links = Links
cut-link = Cut
heal-link = Heal
link-title = Link: { $one } – { $other }
link-label = Link { $one } – { $other }: { $state }
link-works = works
link-cut = cut
link-cut-one-way = cut one way
link-means = Nobody is told of a cut: what is sent waits and is sent again, as TCP does, until the link works or a timeout gives up.
cut-both = Cut both ways
cut-one-way = Cut { $from } → { $to }
on-this-link = On this link now
nothing-on-link = No message is on its way here.
held = held
held-on-link = { $count } held
produce = Produce a record
producer = producer
topic = topic
partition = partition
partition-by-key = chosen by the key
record-key = key
record-value = value
record-headers = headers
send = Send

## Log

broker-choice = Broker
role = role
flushed-to = flushed to
log-of = The log of { $partition }
segments = Segments
active = active
size-bytes = { $bytes } B
recovery-point-means = As recovery-point-offset-checkpoint has it: after an unclean end the log is checked from here.
flushed-means = What the disk surely has. The rest is in the page cache only, and a machine’s crash takes it.
epoch-cache = Leader-epoch cache
no-epochs = No epoch noted yet.
from-offset = from offset { $offset }
older-batches = { $count ->
    [one] 1 older batch is not shown
   *[other] { $count } older batches are not shown
 }
empty-segment = No batch yet.
flushed-batch = on disk
page-cache-batch = only in the page cache
batch-flushed = at byte { $position } · timestamp { $time } · on disk
batch-unflushed = at byte { $position } · timestamp { $time } · only in the page cache
index-entries = Indexes: { $offsets ->
    [one] 1 offset
   *[other] { $offsets } offsets
 }, { $times ->
    [one] 1 timestamp
   *[other] { $times } timestamps
 }
sparse-index = Sparse: one entry for every index.interval.bytes of batches. A lookup takes the nearest entry below and scans on from there.
no-index-entry = No entry yet.
checkpoint-files = Checkpoint files
no-files = No checkpoint file yet.
no-broker = This cluster has no broker.

## Groups

group-line = { $state } · generation { $generation } · { $members ->
    [one] 1 member
   *[other] { $members } members
 } · coordinator: broker { $node }
member = member
committed = committed
no-group = No group is known to any coordinator yet.

## Request lab

lab-text = Any request to any node, with Kafka’s own field names. The node answers as it would a client; press Forward to let the request travel.
request = request
to = to
listener = listener
request-body = Request body
answer = Answer
waits-in-purgatory = No answer yet: the request waits in purgatory.
answer-on-its-way = No answer yet: the request or its answer is on its way. Press Forward.

## New cluster

your-own = Your own
brokers = brokers
partitions-of-orders = partitions of orders
producers = producers
consumers = consumers
seed = seed
create-cluster = Create the cluster
misfit-one-to = from 1 to { $bound }
misfit-more-than-brokers = more replicas than brokers ({ $bound })
misfit-more-than-replicas = more than the replication factor ({ $bound }): no acks=all write could ever succeed
misfit-at-most = at most { $bound }
preset-first-minute = The first minute
preset-first-minute-text = Three brokers, one partition, one record from producer to committed offset.
preset-acks-one = acks=1
preset-acks-one-text = The same, answered as soon as the leader has it.
preset-six-brokers = Six brokers
preset-six-brokers-text = Six partitions, two producers, three consumers, three racks.
preset-min-insync-two = min.insync.replicas=2
preset-min-insync-two-text = Three partitions, two consumers. Crash brokers and see when writing stops.

## Files

save-run = Save this run
save-run-text = A run is its cluster, its seed and your commands: a small JSON file brings back every step.
export = Download JSON
open-run = Open a run
open-file = A JSON file
paste-run = or a link, or JSON
open = Open
file-unreadable = The file cannot be read.

## Keys

keys = Keys
key-forward = one step forward
key-back = one step back
key-play = play, pause
key-start = to the start
key-end = to the end of the known future
key-micro = micro: every event, each hop inside a broker
key-message = message: each request or answer that moved something
key-milestone = milestone: what you would tell a colleague
key-produce = produce a record
key-new-cluster = new cluster
key-lessons = lessons
key-files = save and open runs
key-share = copy the link to this step
key-lang = 한국어 / English
key-theme = light or dark
key-keys = these keys
key-close = close

## Timers

timer-disk = slow disk
timer-handler = handler thread
timer-request-timeout = an open request times out
timer-broker-heartbeat = heartbeat is due
timer-metadata-fetch = metadata fetch again
timer-replica-fetch = fetch again
timer-isr-expiration = ISR check
timer-alter-partition = ISR proposal again
timer-high-watermark-checkpoint = HW checkpoint
timer-log-cleanup = log cleanup
timer-purgatory = waited long enough in purgatory
timer-forward-retry = forward again
timer-group-join = join phase ends
timer-group-session = member session ends
timer-controller-sessions = session check
timer-controller-balance = preferred leader check
timer-controller-unclean = unclean election check
timer-producer-linger = linger.ms ends
timer-producer-retry = producer tries again
timer-client-metadata = metadata refresh

## Lessons

lesson = Lesson
all-lessons = ← All lessons
lesson-done = You have reached every goal of this lesson. The cluster is yours: break it, or open the next lesson.
lesson-next = Next: { $title }
lesson-completed = completed
lesson-continue = Continue
goals-count = { $reached } of { $goals } goals
goals-all = Every goal is reached.
lessons-done = { $done } of { $all } completed.
lessons-order = How lessons are listed
lessons-filter = Filter titles and sections
lessons-none = No lesson and no section fits.
by-track = By track
by-section = By section
sections-covered = { $covered } of { $all } sections
not-yet = Not yet:
lesson-advance = Run on until the goals
lesson-hint = Hint
lesson-solve = Do it for me
before-you-step = Before you step:
lessons-text = Each lesson opens a cluster of its own. What you must reach is looked for on the running engine; what you predict, the engine answers.
connection-closed = The node closed the connection without an answer.

## What a person asks when something has not happened

ask-high-watermark-waits = Why has the high watermark not moved?
ask-below-min-isr = Why does the high watermark stand still?
ask-follower-learns-later = Why does a follower not know it yet?
ask-produce-waits = Why has the producer no acknowledgement?
ask-consumer-waits = Why does the consumer see nothing new?

invariants = What must always hold
invariants-hold = All invariants hold
invariant-broken = Broken at step { $step }
invariants-about = Looked at after every step, from outside: no process of the cluster could know it. With the ways of today's Kafka none of these breaks; some historical settings break one, and then the step is shown.

# --- recordings of a real Kafka ---
real-kafka = Real Kafka
recording = A recording of a real Kafka
recordings-text = Runs of a real Apache Kafka, written down step by step. The engine plays each again, and its answers stand beside Kafka’s. Texts and field names are those of the recordings.
recordings-unfetched = The recordings cannot be fetched from where this page lies.
recording-own = Open a recording of your own
recording-unplayed = Nothing of this recording can be played: it asks for what the engine does not have yet.
recording-of = Apache Kafka { $version }
recording-agrees = { $facts ->
    [one] one fact the same
   *[other] { $facts } facts the same
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
answers-agree = The same answer
answers-differ = Another answer
fetching = Fetching …
error-request-not-json = This is no JSON: line { $line }, column { $column }.
error-recording-not-json = This is no JSON: line { $line }, column { $column }.
error-recording-bad-field = This is no recording: { $at } is not { $expected }.
not-compared = Not compared: the engine has no words for it yet.
answers-only-kafka = What Kafka answered
