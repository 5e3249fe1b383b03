//! Every lesson can be read, and both its languages say everything.

use std::path::Path;

use expect_test::expect;
use kafkascope_core::cluster::Cluster;
use kafkascope_core::config::ClusterConfig;
use kafkascope_core::lesson::{
    Answer, Ask, Entry, Index, Language, Lesson, LessonFiles, LessonRun, Move, Prediction, ask, library, prove, read,
};
use kafkascope_core::properties::review;

#[test]
fn every_lesson_is_read_without_a_mistake() {
    let library = library();
    let mistakes: Vec<String> = library.mistakes.iter().map(ToString::to_string).collect();
    assert!(mistakes.is_empty(), "{}", mistakes.join("\n"));
}

#[test]
fn the_library_has_every_folder() {
    let folders = Path::new(env!("CARGO_MANIFEST_DIR")).join("../lessons");
    let entries = std::fs::read_dir(folders).expect("lessons/ is there").filter_map(Result::ok);
    let folders = entries.filter(|entry| entry.path().is_dir());
    let mut there: Vec<String> = folders.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    there.sort();
    let library = library();
    let mut known: Vec<String> = library.lessons.iter().map(|lesson| lesson.id.clone()).collect();
    known.sort();
    assert_eq!(there, known);
    let listed = library.index.tracks.iter().map(|track| track.lessons.len()).sum::<usize>();
    assert_eq!(listed, known.len(), "index.toml lists a lesson that is not there");
}

#[test]
fn every_lesson_has_a_wrong_path_and_covers_a_section() {
    for lesson in library().lessons {
        assert!(!lesson.wrong.is_empty(), "{} has no wrong path", lesson.id);
        assert!(!lesson.sections.is_empty(), "{} covers no section", lesson.id);
        for language in Language::ALL {
            assert!(lesson.text(language).is_some(), "{} lacks {language:?}", lesson.id);
        }
    }
}

/// What is wrong in a lesson that was read with these files, one mistake a line.
fn mistakes(script: &str, ko: &str, en: &str) -> String {
    let files = LessonFiles { folder: "tried", script, ko, en };
    let index = "[[tracks]]\nid = \"t\"\ntitle = { ko = \"\", en = \"\" }\nlessons = [\"tried\"]\n[[documents]]\nid = \"D3\"\n\
                 title = { ko = \"\", en = \"\" }\nsections = [{ ko = \"acks\", en = \"acks\" }]";
    let index = Index::read(index).expect("the index is right");
    let found = read(&files, &index).expect_err("there is a mistake");
    found.iter().map(|mistake| format!("{mistake}\n")).collect()
}

#[test]
fn all_mistakes_are_told_at_once_with_their_places() {
    let script = r#"id = "tried"
track = "t"
sections = ["D3 acks", "D3 aks"]
colour = "red"

[cluster]
brokers = 3
topics = [{ name = "orders", partitions = "one", replicationFactor = 3 }]

[[beats]]
id = "a"
do = [{ command = "produce", producer = 1, topic = "orders", valu = "x" }]
goals = [
  { id = "g", seen = "apended", partition = "orders-0" },
  { id = "h", seen = "appended", node = "one", ofset = 3 },
  { id = "i", now = "log-end", partition = "orders-0" },
]
predict = [{ id = "p", ask = "high-watermark of orders-0" }]
solution = [{ do = "b" }, { forward = "far" }]
"#;
    expect![[r#"
        tried/lesson.toml:1: : {"mistake":"missing-field","field":"wrong"}
        tried/lesson.toml:3: sections[1]: {"mistake":"unknown-section","section":"D3 aks"}
        tried/lesson.toml:4: colour: {"mistake":"unknown-field","field":"colour","expected":["id","track","sections","seed","cluster","beats","before","wrong"]}
        tried/lesson.toml:8: cluster.topics[0].partitions: {"mistake":"wrong-type","found":"text","expected":"number"}
        tried/lesson.toml:12: beats[0].do[0]: {"mistake":"unknown-field","field":"valu","expected":["producer","topic","partition","key","value","headers"]}
        tried/lesson.toml:14: beats[0].goals[0].seen: {"mistake":"unknown-value","found":"apended","expected":["appended","truncated","high-watermark-moved","log-start-moved","segment-rolled","segment-deleted","flushed","index-looked-up","time-index-looked-up","compacted","epoch-started","checkpoint-written","unflushed-lost","follower-end-known","follower-caught-up","became-leader","became-follower","isr-proposed","isr-changed","leader-changed","elr-changed","replicas-changed","divergence-found","delayed-operation-watched","delayed-operation-completed","refused","metadata-appended","quorum-role-changed","vote-cast","metadata-replicated","metadata-truncated","voters-changed","snapshot-created","snapshot-fetched","snapshot-loaded","snapshot-deleted","metadata-log-start-moved","quorum-high-watermark-moved","metadata-applied","broker-registered","broker-fenced","broker-unfenced","topic-created","topic-deleted","config-changed","log-level-changed","crashed","shut-down","shutdown-requested","started","paused","resumed","disk-slowed","link-cut","link-healed","dropped","connection-broken","connection-closed","client-throttled","delayed","duplicated","timed-out","partitioned","batch-sent","acknowledged","producer-id-assigned","retried","produce-failed","batch-split","producer-transaction","transaction-call-timed-out","records-aborted","records-abandoned","producer-closed","producer-crashed","producer-started","metadata-learned","coordinator-found","group-state-changed","group-epoch-bumped","assigned","reconciled","partitions-revoked","partitions-lost","subscribed","subscribed-to-pattern","unsubscribed","partitions-assigned","partitions-paused","partitions-resumed","offset-reset-requested","records-read","position-moved","offset-committed","commit-acknowledged","deserialization-failed","records-processed","consumer-crashed","consumer-closed","fetch-session-closed","consumer-started","member-left","coordinator-loaded","transaction-state-changed","transaction-coordinator-loaded","setting-changed","probe-answered","probe-disconnected"]}
        tried/lesson.toml:15: beats[0].goals[1].node: {"mistake":"wrong-type","found":"text","expected":"number"}
        tried/lesson.toml:15: beats[0].goals[1].ofset: {"mistake":"unknown-field","field":"ofset","expected":["node","partition","baseOffset","lastOffset","leaderEpoch","asLeader"]}
        tried/lesson.toml:16: beats[0].goals[2]: {"mistake":"missing-field","field":"is"}
        tried/lesson.toml:18: beats[0].predict[0].ask: {"mistake":"unknown-value","found":"high-watermark of orders-0","expected":["high-watermark <topic-partition> [on <node>]","log-end <topic-partition> [on <node>]","log-start <topic-partition> [on <node>]","last-stable-offset <topic-partition> [on <node>]","flushed <topic-partition> [on <node>]","segments <topic-partition> [on <node>]","index-entries <topic-partition> [on <node>]","index-entry <topic-partition> <offset>","offset-at <topic-partition> <timestamp>","value <topic-partition> <offset> [on <node>]","leader <topic-partition>","leader-epoch <topic-partition>","isr <topic-partition>","elr <topic-partition>","leader-recovery-state <topic-partition>","partition-chosen <producer>","acknowledged <producer>","records-read <consumer>","position <consumer> <topic-partition>","assigned <consumer>","processed <group> <topic-partition> <offset>","committed <group> <topic-partition>","active-controller","quorum-epoch [on <node>]","quorum-leader <node>","quorum-role <node>","votes <node>","metadata-start [on <node>]","metadata-end [on <node>]","metadata-committed <type>","metadata-lag <node>","registration <node>","at-place <node> <place> [<api>]","metric <node> <name> [<request>]","transferred <node> <count>","answer <probe> <field>","first-answered <probe> <probe> …"]}
        tried/lesson.toml:19: beats[0].solution[0].do: {"mistake":"no-such-id","id":"b","expected":["a"]}
        tried/lesson.toml:19: beats[0].solution[1].forward: {"mistake":"unknown-value","found":"far","expected":["micro","message","milestone"]}
    "#]]
    .assert_eq(&mistakes(script, "", ""));
}

#[test]
fn numbers_and_bounds_are_told_where_they_stand() {
    let script = r#"id = "tried"
track = "t"
wrong = []
[cluster]
brokers = 1
topics = [
  { name = "a", partitions = 3_000_000_000, replicationFactor = 1 },
  { name = "b", partitions = 1, replicationFactor = 1, placement = [] },
]
[[beats]]
id = "a"
goals = [
  { id = "g", seen = "appended", baseOffset = { atLest = 3 } },
  { id = "h", now = "log-end", node = -3_000_000_000, partition = "a-0", is = 1 },
  { id = "i", now = "log-end", partition = "a-0", is = "1" },
]
solution = [{ wait = 3 }, { waitMs = "3" }]
"#;
    expect![[r#"
        tried/lesson.toml:7: cluster.topics[0].partitions: {"mistake":"out-of-range","found":"3000000000","expected":"i32"}
        tried/lesson.toml:8: cluster.topics[1]: {"mistake":"unknown-field","field":"placement","expected":["name","partitions","replicationFactor","assignment","settings"]}
        tried/lesson.toml:13: beats[0].goals[0].baseOffset: {"mistake":"unknown-field","field":"atLest","expected":["atLeast","atMost"]}
        tried/lesson.toml:14: beats[0].goals[1]: {"mistake":"out-of-range","found":"-3000000000","expected":"i32"}
        tried/lesson.toml:15: beats[0].goals[2]: {"mistake":"wrong-type","found":"text","expected":"number"}
        tried/lesson.toml:17: beats[0].solution[0]: {"mistake":"missing-field","field":"command, console, files, do, forward, until, waitMs"}
        tried/lesson.toml:17: beats[0].solution[1].waitMs: {"mistake":"wrong-type","found":"text","expected":"number"}
    "#]].assert_eq(&mistakes(script, "", ""));
}

#[test]
fn what_is_written_measured_and_timed_is_told_where_it_stands() {
    let script = r#"id = "tried"
track = "t"
wrong = []
[cluster]
brokers = 1
[[beats]]
id = "a"
do = [
  { command = "drop", timer = { name = "election-timeout", actor = "controller 100" } },
  { command = "choose", timer = { name = "election", actor = "controller 100" } },
  { console = 3 },
  { files = [{ name = "server-1.properties" }] },
]
goals = [
  { id = "g", printed = "kafka-quorum" },
  { id = "h", files = "mistake", is = "no-such-mistake" },
  { id = "i", files = "wrong" },
  { id = "j", now = "quorum-role", node = 100, is = "king" },
  { id = "k", seen = "metadata-appended", types = { had = "TOPIC_RECORD" } },
]
table = { measure = "quorum-size", sizes = [1, 12] }
"#;
    expect![[r##"
        tried/lesson.toml:9: beats[0].do[0].command: {"mistake":"unknown-value","found":"drop","expected":["choose"]}
        tried/lesson.toml:10: beats[0].do[1].timer: {"mistake":"unknown-value","found":"election","expected":["request-timeout","idle-connections","broker-heartbeat","registration-timeout","metadata-fetch","replica-fetch","isr-expiration","alter-partition","high-watermark-checkpoint","log-cleanup","purgatory","forward-retry","snapshot-cleaning","transaction-abort","transactional-id-expiration","transaction-markers","add-partitions-to-txn-retry","group-join","group-session","group-rebalance","group-member-join","group-member-sync","group-regex","offsets-expiration","controller-sessions","controller-balance","controller-unclean","election-timeout","quorum-fetch-timeout","check-quorum","begin-quorum-epoch","quorum-retry","controller-shutdown","snapshot-cleaning","controller-registration","voter-change","purgatory","append-entries","producer-linger","producer-retry","client-metadata","perf-test","application","client-metadata","consumer-poll","consumer-heartbeat","consumer-auto-commit","application","admin-retry"]}
        tried/lesson.toml:11: beats[0].do[2].console: {"mistake":"wrong-type","found":"number","expected":"text"}
        tried/lesson.toml:12: beats[0].do[3].files[0]: {"mistake":"missing-field","field":"text"}
        tried/lesson.toml:15: beats[0].goals[0]: {"mistake":"unknown-value","found":"kafka-quorum","expected":["kafka-topics","kafka-configs","kafka-metadata-quorum","kafka-consumer-groups","kafka-acls","kafka-features","kafka-leader-election","kafka-reassign-partitions","kafka-storage","kafka-broker-api-versions","kafka-dump-log","cat"]}
        tried/lesson.toml:16: beats[0].goals[1]: {"mistake":"unknown-value","found":"no-such-mistake","expected":["no-files","too-large","malformed-escape","byte-order-mark","broken-placeholder","unfilled-placeholder","comment-behind-value","missing-setting","zookeeper-mode","invalid-value","beyond-engine","settings-disagree","node-id-and-broker-id","no-quorum","voter-syntax","bootstrap-server-syntax","voter-twice","voters-at-one-address","controller-not-among-voters","broker-among-voters","listener-syntax","listener-without-protocol","unknown-protocol","protocol-map-syntax","listener-twice","listeners-at-one-port","no-controller-listener","unknown-controller-listener","broker-with-controller-listener","controller-with-broker-listener","controller-listener-without-protocol","no-broker-listener","unknown-inter-broker-listener","inter-broker-twice","unknown-advertised-listener","advertised-everywhere","node-twice","voters-differ","raft-differs","voter-address-differs","voter-without-file","voter-port-differs","port-clash","no-broker","no-controller","out-of-range","too-few-brokers","unformatted-directory","foreign-cluster","foreign-node"]}
        tried/lesson.toml:17: beats[0].goals[2].files: {"mistake":"unknown-value","found":"wrong","expected":["mistake","mended","cluster"]}
        tried/lesson.toml:18: beats[0].goals[3]: {"mistake":"unknown-value","found":"king","expected":["unattached","prospective","candidate","leader","follower","resigned"]}
        tried/lesson.toml:19: beats[0].goals[4].types: {"mistake":"missing-field","field":"has"}
        tried/lesson.toml:21: beats[0].table: {"mistake":"out-of-range","found":"12","expected":"1–9"}
        tried/en.md:1: : {"mistake":"missing-field","field":"# title"}
        tried/en.md:1: a: {"mistake":"no-text","anchor":"a"}
        tried/en.md:1: a/goal-g: {"mistake":"no-text","anchor":"a/goal-g"}
        tried/en.md:1: a/goal-h: {"mistake":"no-text","anchor":"a/goal-h"}
        tried/en.md:1: a/goal-k: {"mistake":"no-text","anchor":"a/goal-k"}
        tried/en.md:1: a/hint-1: {"mistake":"no-text","anchor":"a/hint-1"}
        tried/en.md:1: a/hint-2: {"mistake":"no-text","anchor":"a/hint-2"}
        tried/en.md:1: a/hint-3: {"mistake":"no-text","anchor":"a/hint-3"}
        tried/en.md:1: a/table: {"mistake":"no-text","anchor":"a/table"}
        tried/ko.md:1: : {"mistake":"missing-field","field":"# title"}
        tried/ko.md:1: a: {"mistake":"no-text","anchor":"a"}
        tried/ko.md:1: a/goal-g: {"mistake":"no-text","anchor":"a/goal-g"}
        tried/ko.md:1: a/goal-h: {"mistake":"no-text","anchor":"a/goal-h"}
        tried/ko.md:1: a/goal-k: {"mistake":"no-text","anchor":"a/goal-k"}
        tried/ko.md:1: a/hint-1: {"mistake":"no-text","anchor":"a/hint-1"}
        tried/ko.md:1: a/hint-2: {"mistake":"no-text","anchor":"a/hint-2"}
        tried/ko.md:1: a/hint-3: {"mistake":"no-text","anchor":"a/hint-3"}
        tried/ko.md:1: a/table: {"mistake":"no-text","anchor":"a/table"}
    "##]].assert_eq(&mistakes(script, "", ""));
}

#[test]
fn mistakes_on_the_request_path_are_told_where_they_stand() {
    let script = r#"id = "tried"
track = "t"
cluster = { brokers = 1 }
wrong = []
[[beats]]
id = "a"
goals = [
  { id = "g", now = "at-place", node = 1, place = "purgatory", is = 1 },
  { id = "h", now = "metric", node = 1, name = "PurgatorySize", is = 1 },
  { id = "i", now = "answer", probe = 1, field = "errorCode", is = [] },
  { id = "j", now = "metric", node = 1, name = "BytesInPerSec", is = 1 },
]
predict = [{ id = "p", ask = "at-place 1 purgatory" }]
"#;
    let report = mistakes(script, "", "");
    let at = |line: u32, wanted: &str| {
        let found = report.lines().find(|report| report.starts_with(&format!("tried/lesson.toml:{line}:")));
        assert!(found.is_some_and(|report| report.contains(wanted)), "{line}: {wanted}\n{report}");
    };
    at(8, r#""found":"purgatory","expected":["socket","request-queue","handler","remote","response-queue","sending"]"#);
    at(9, r#""found":"PurgatorySize","expected":["RequestQueueSize","#);
    at(10, "beats[0].goals[2]");
    at(11, r#""found":"BytesInPerSec""#);
    at(13, r#""found":"at-place 1 purgatory""#);
}

#[test]
fn texts_are_compared_with_the_script() {
    let script = r#"id = "tried"
track = "t"
cluster = { brokers = 1 }
beats = [{ id = "a", goals = [{ id = "g", seen = "appended" }], docChecks = ["c"] }]
wrong = []
"#;
    let ko = "# 제목\n본문\n## 비트 {#a}\n본문\n### 목표 {#goal-g}\n### 하나 {#hint-1}\n### 둘 {#hint-2}\n### 셋 {#hint-3}\n\
              ### 확인 {#doc-check-c}\n본문\n";
    let en = "# Title\n## Beat {#a}\n```\n# code\n```\n### Goal {#goal-x}\n### One {#hint-1}\n### Two\n### Check {#doc-check-c}\n";
    expect![[r#"
        tried/en.md:1: : {"mistake":"empty-text","anchor":"Title"}
        tried/en.md:2: a/goal-g: {"mistake":"no-text","anchor":"a/goal-g"}
        tried/en.md:2: a/hint-2: {"mistake":"no-text","anchor":"a/hint-2"}
        tried/en.md:2: a/hint-3: {"mistake":"no-text","anchor":"a/hint-3"}
        tried/en.md:6: a/goal-x: {"mistake":"text-for-nothing","anchor":"a/goal-x"}
        tried/en.md:8: Two: {"mistake":"no-anchor","heading":"Two"}
        tried/en.md:9: a/doc-check-c: {"mistake":"empty-text","anchor":"a/doc-check-c"}
    "#]]
    .assert_eq(&mistakes(script, ko, en));
}

/// The first block of a language after the heading of the README's example.
fn example(language: &str) -> String {
    let readme = include_str!("../../lessons/README.md");
    let (_, example) = readme.split_once("## A small complete lesson").expect("the README has an example");
    let (_, block) = example.split_once(&format!("```{language}\n")).expect("the example has this block");
    block.split("```").next().unwrap_or_default().to_owned()
}

#[test]
fn the_example_of_the_readme_is_a_lesson() {
    let mut index = library().index;
    index.tracks[0].lessons.push("hello-log".to_owned());
    let (script, text) = (example("toml"), example("markdown"));
    let files = LessonFiles { folder: "hello-log", script: &script, ko: &text, en: &text };
    let lesson = read(&files, &index).map_err(|mistakes| mistakes.iter().map(ToString::to_string).collect::<Vec<_>>());
    assert_eq!(lesson.map(|lesson| lesson.beats.len()), Ok(1));
}

#[test]
fn the_cluster_of_a_lesson_on_files_is_the_one_of_its_files() {
    let library = library();
    let lesson = library.lesson("roles-and-config").expect("the lesson is there");
    let beat = lesson.beat("mended").expect("its files are mended");
    let files = lesson.entries(&beat.solution).find_map(|entry| match entry {
        Entry::Files(files) => Some(files),
        Entry::Line(_) => None,
    });
    let described = review(files.expect("the solution writes files")).cluster.expect("they have no mistake");
    let processes = |config: &ClusterConfig| config.nodes.iter().map(|node| (node.id, node.roles)).collect::<Vec<_>>();
    assert_eq!(processes(&described), processes(&lesson.cluster));
}

fn new_cluster(lesson: &Lesson) -> Cluster {
    Cluster::new(&lesson.cluster, lesson.seed).unwrap_or_else(|errors| panic!("{}: {errors:?}", lesson.id))
}

#[test]
fn lessons_are_solved() {
    let mut failing = Vec::new();
    for lesson in library().lessons {
        for unproven in prove(&lesson, || new_cluster(&lesson)) {
            failing.push(format!("{}/{}: {:?}", lesson.id, unproven.beat, unproven.what));
        }
    }
    assert!(failing.is_empty(), "{}", failing.join("\n"));
}

/// What a question is answered when a lesson has been played up to a beat and the beat's first goal is then reached.
fn answer_in(id: &str, beat: &str, question: &str) -> Answer {
    let library = library();
    let lesson = library.lesson(id).expect("the lesson is there");
    let mut stage = new_cluster(lesson);
    let mut run = LessonRun::new(lesson);
    lesson.begin(&mut stage).expect("it begins");
    for each in lesson.beats.iter().take_while(|each| each.id != beat) {
        lesson.solve(each, &mut stage, &mut run).expect("the beat is solved");
    }
    let goal = lesson.beat(beat).expect("the beat is there").goals[0].condition.clone();
    let after = vec![Move::Do(beat.to_owned()), Move::Until { condition: goal, within_ms: 60_000 }];
    let question = Prediction { id: String::new(), ask: Ask::parse(question).expect("it is a question"), after };
    ask(lesson, &question, &stage).expect("the way is free").expect("there is something to ask for").answer
}

#[test]
fn a_leader_recovers_after_an_unclean_election_only() {
    let state = |word: &str| Answer::Word { word: word.to_owned() };
    let question = "leader-recovery-state orders-0";
    assert_eq!(answer_in("unclean-election", "unclean", question), state("RECOVERING"));
    assert_eq!(answer_in("elr-loss", "clean", question), state("RECOVERED"));
    // Nor does the one that has no log.
    assert_eq!(answer_in("elr-loss", "again", question), state("RECOVERED"));
    assert_eq!(answer_in("elr-loss", "again", "elr orders-0"), Answer::Brokers { nodes: vec![2, 3] });
}

#[test]
fn what_a_consumer_begins_with_is_checked_at_its_place() {
    let script = r#"id = "tried"
track = "t"
sections = ["D3 acks"]

[cluster]
brokers = 3
topics = [{ name = "orders", partitions = 2, replicationFactor = 3 }]

[[cluster.consumers]]
group = "a"
assign = ["orders-1", "orders-2", "payments-0"]

[[cluster.consumers]]
group = "b"
topics = ["orders", "payments"]
pattern = "(orders"

[[cluster.consumers]]
group = "c"
pattern = ""

[[beats]]
id = "a"
goals = [{ id = "g", seen = "appended" }]

[[wrong]]
beat = "a"
moves = [{ do = "a" }]
"#;
    let found = mistakes(script, "", "");
    let of_consumers: Vec<&str> = found.lines().filter(|line| line.contains("consumers")).collect();
    expect![[r#"
        tried/lesson.toml:11: cluster.consumers[0].assign[1]: {"mistake":"out-of-range","found":"2","expected":"0–1"}
        tried/lesson.toml:11: cluster.consumers[0].assign[2]: {"mistake":"unknown-value","found":"payments","expected":["orders"]}
        tried/lesson.toml:15: cluster.consumers[1].topics[1]: {"mistake":"unknown-value","found":"payments","expected":["orders"]}
        tried/lesson.toml:16: cluster.consumers[1].pattern: {"mistake":"mutually-exclusive","fields":["topics","pattern","assign"]}
        tried/lesson.toml:16: cluster.consumers[1].pattern: {"mistake":"unreadable","found":"(orders","reason":"missing closing )"}
        tried/lesson.toml:20: cluster.consumers[2].pattern: {"mistake":"empty","what":"pattern"}"#]].assert_eq(&of_consumers.join("\n"));
}
