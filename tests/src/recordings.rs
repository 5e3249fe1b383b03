//! What is known of single recordings: which of them the engine does not follow, or not in its first attempt, and why.

use kafkascope_core::transcript::{Accept, Outcome, Transcript, play_accepting};

/// A recording of which something is known.
pub struct Known {
    /// Its id.
    pub id: &'static str,
    /// What is known.
    pub what: Knowledge,
    /// Why that is so, for anyone who doubts it.
    pub why: &'static str,
}

/// What may be known of a recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Knowledge {
    /// Two events of the recorded cluster raced, and which came first is told as a fact: any attempt may show that the engine
    /// does as told.
    Race {
        /// The two events.
        between: [&'static str; 2],
    },
    /// The engine differs in all attempts: what was recorded is no fact, or no run of the engine can have it.
    Differs {
        /// The two events that raced, or what is wrong with the recording.
        because: [&'static str; 2],
    },
    /// The engine differs and should not: a debt, with what has to be built or mended.
    Open {
        /// What is missing.
        missing: &'static str,
    },
}

/// All that is known. A recording that is not in here must agree in its first attempt, unless it names what varies.
pub const KNOWN: &[Known] = &[
    Known {
        id: "all-replicas-lost-crash",
        what: Knowledge::Differs { because: ["the fetch of follower 2", "the fetch of follower 3"] },
        why: "Two followers come back at once. Kafka's request handler threads read both fetches at the same time, and one of \
              them overtook the other between two partitions: of one the ISR became [1, 3] first, of the other [1, 2]. The \
              engine handles one request at a time, so the same follower is first in both.",
    },
    Known {
        id: "consumers-cooperative-sticky",
        what: Knowledge::Differs {
            because: [
                "the SyncGroup of c3 in generation 4",
                "the JoinGroup of c1, which gave partitions up in generation 4",
            ],
        },
        why: "c3 is the first consumer of a process of its own, and takes long for its first SyncGroup: by then c1 has joined \
              again, the group is preparing generation 5, and c3 is told REBALANCE_IN_PROGRESS. So its listener is called once. \
              A real 4.3.1 whose third consumer lived in the process of the other two called it twice, as the engine does.",
    },
    Known {
        id: "compaction",
        what: Knowledge::Differs { because: ["the cleaner's first run", "the change of min.compaction.lag.ms"] },
        why: "Step 2 shows the log before the cleaner ran, and step 3 sets min.compaction.lag.ms to what step 0 says it was \
              already: the topic was made with another value, which kept the cleaner away. A real 4.3.1 that was given the \
              steps as told had cleaned the log 1.2 s after the last record, as the engine has.",
    },
    Known {
        id: "random-faults-305",
        what: Knowledge::Differs {
            because: ["the first fetch of node 3 after its links healed", "the registration of node 1, started then"],
        },
        why: "Step 46 heals what had cut node 3 off for half a minute, step 47 starts node 1. How long node 3's connections \
              take to come back hangs on where TCP stands in its backoff, how long node 1 takes on the machine. Here node 1 \
              registered first, and leaving the ELR was a change of its own (partition epoch 9); where node 3 joins the ISR \
              first, the ELR is gone by then (8). In acknowledged-record-invisible-after-failover, with the same two steps, \
              node 3 was first.",
    },
    Known {
        id: "random-faults-202",
        what: Knowledge::Race {
            between: ["the first fetch of the broker that started", "the first fetch of the broker that resumed"],
        },
        why: "Step 43 starts one follower and step 44 resumes the other. Which of them fetches first, and so joins the ISR first, \
              hangs on how long the start takes on the machine.",
    },
    Known {
        id: "unclean-election-by-hand-and-by-setting",
        what: Knowledge::Race {
            between: [
                "the last heartbeat of broker 2 before its crash",
                "the last heartbeat of broker 3 before its crash",
            ],
        },
        why: "Both die within a second, and the one whose last heartbeat is older is fenced first. Heartbeats of real brokers have \
              the phase of their start, on which the recording says nothing.",
    },
    Known {
        id: "votes-at-a-follower-that-fetches",
        what: Knowledge::Race { between: ["the fetch from node 2", "the fetch from node 3"] },
        why: "A voter that knows no leader fetches from any voter: Kafka picks one at random (`RequestManager.findReadyBootstrapServer`). In \
              step 4 it was node 2, which calls itself leader of any epoch, in step 7 node 3, which answers nothing. One of four runs has \
              both, here and there.",
    },
];

/// What is known of a recording, if anything.
pub fn known(id: &str) -> Option<&'static Known> {
    KNOWN.iter().find(|each| each.id == id)
}

/// Plays a recording. Only one that names what varies, or in which a race is known, may need more than the first attempt.
pub fn play(transcript: &Transcript) -> Outcome {
    play_accepting(transcript, accept(transcript))
}

fn accept(transcript: &Transcript) -> Accept {
    match known(&transcript.id).map(|known| known.what) {
        Some(Knowledge::Race { .. }) => Accept::Any,
        Some(Knowledge::Differs { .. } | Knowledge::Open { .. }) | None => Accept::of(transcript),
    }
}
