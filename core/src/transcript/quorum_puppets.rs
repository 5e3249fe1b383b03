//! How the voters that only the recorder played answered: as the recording's nodes tell it (`grantsVotes`), else as its title
//! does in words.

use serde_json::Value;

use super::format::Transcript;
use crate::config::{ClusterConfig, PuppetVoter};

/// A voter that grants every vote and pre-vote and accepts every leader.
pub(super) const GRANTS_VOTES: PuppetVoter = PuppetVoter {
    pre_votes: Some(true),
    votes: Some(true),
    accepts_leaders: true,
    leads_from: None,
    vote_version_max: None,
};

/// What a turn of phrase says of a voter.
type SetAnswer = fn(&mut PuppetVoter);

/// Turns of phrase of titles, and what they say of the node that is their subject.
const PHRASES: [(&str, SetAnswer); 6] = [
    ("grants pre-vote and vote", |puppet| *puppet = GRANTS_VOTES),
    ("grants every vote", |puppet| *puppet = GRANTS_VOTES),
    ("grants pre-votes only", |puppet| puppet.pre_votes = Some(true)),
    ("pre-vote is granted", |puppet| puppet.pre_votes = Some(true)),
    ("the vote itself refused", |puppet| puppet.votes = Some(false)),
    ("understand vote only up to version 1", |puppet| puppet.vote_version_max = Some(1)),
];

/// Gives the puppets of a cluster the answers that a recording tells of them.
pub(super) fn instruct(config: &mut ClusterConfig, transcript: &Transcript) {
    let title = transcript.title.to_lowercase();
    for node in &mut config.nodes {
        if let Some(puppet) = &mut node.puppet {
            follow_title(puppet, node.id, &title);
        }
    }
    // A node that fetches from a puppet had heard before that it leads, from the puppet itself, in the first epoch that
    // is told.
    let observed = transcript.steps.first().and_then(|step| step.saw.as_ref()?.get("quorumState"));
    let number = |field: &str| observed.and_then(|it| it.get(field)?.as_i64()).and_then(|it| i32::try_from(it).ok());
    if let (Some(leader), Some(epoch)) = (number("leaderId"), number("leaderEpoch"))
        && title.contains("answers them, without records")
        && let Some(puppet) =
            config.nodes.iter_mut().find(|node| node.id == leader).and_then(|node| node.puppet.as_mut())
    {
        puppet.leads_from = Some(epoch);
        // A candidate of that epoch had its pre-vote from somebody.
        puppet.pre_votes = Some(true);
    }
    // Nobody leads without votes: where nothing tells whose they were, the first puppet gave them.
    let is_silent = |puppet: &PuppetVoter| *puppet == PuppetVoter::default();
    let puppets: Vec<PuppetVoter> = config.nodes.iter().filter_map(|node| node.puppet).collect();
    if !puppets.is_empty() && puppets.iter().all(is_silent) && tells_a_leader(transcript) {
        let first = config.nodes.iter_mut().find_map(|node| node.puppet.as_mut());
        first.into_iter().for_each(|puppet| *puppet = GRANTS_VOTES);
    }
}

/// Clauses of a title are about the nodes that they name, or about those of the clause before.
fn follow_title(puppet: &mut PuppetVoter, id: i32, title: &str) {
    let mut is_subject = false;
    for clause in title.split([',', ';', ':', '(', ')']) {
        if clause.contains("node") {
            let mut words = clause.split(|c: char| !c.is_ascii_digit());
            is_subject = words.any(|word| word.parse() == Ok(id));
        }
        for (phrase, says) in PHRASES.iter().filter(|(phrase, _)| is_subject && clause.contains(phrase)) {
            let _ = phrase;
            says(puppet);
        }
        if is_subject && clause.contains("grants votes") {
            *puppet = PuppetVoter { vote_version_max: puppet.vote_version_max, ..GRANTS_VOTES };
        }
    }
}

fn tells_a_leader(transcript: &Transcript) -> bool {
    let state = |saw: &Value| saw.get("state").and_then(Value::as_str).map(str::to_owned);
    let mut observed = transcript.steps.iter().filter(|step| step.verb == "observe");
    observed.any(|step| step.saw.as_ref().and_then(state).as_deref() == Some("Leader"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn voter_of(id: i32, title: &str) -> PuppetVoter {
        let mut puppet = PuppetVoter::default();
        follow_title(&mut puppet, id, title);
        puppet
    }

    #[test]
    fn a_title_tells_who_grants_what() {
        let title = "node 2 grants pre-vote and vote, node 3 is silent: node 1 leads";
        assert_eq!((voter_of(2, title), voter_of(3, title)), (GRANTS_VOTES, PuppetVoter::default()));
        let title = "the pre-vote is granted by node 2, the vote itself refused: each candidacy costs an epoch";
        let refuses = PuppetVoter { pre_votes: Some(true), votes: Some(false), ..PuppetVoter::default() };
        assert_eq!((voter_of(2, title), voter_of(3, title)), (refuses, PuppetVoter::default()));
        let title = "requests to a candidate (election timeout 8000 to 16000 ms, node 2 grants pre-votes only)";
        assert_eq!(voter_of(2, title), PuppetVoter { pre_votes: Some(true), ..PuppetVoter::default() });
    }

    #[test]
    fn old_voters_grant_what_they_understand() {
        let title = "nodes 2 and 3 understand vote only up to version 1, without pre-vote; node 2 grants votes";
        assert_eq!(voter_of(2, title), PuppetVoter { vote_version_max: Some(1), ..GRANTS_VOTES });
        assert_eq!(voter_of(3, title), PuppetVoter { vote_version_max: Some(1), ..PuppetVoter::default() });
    }
}
