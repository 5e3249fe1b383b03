//! The right side's own state: its tabs, and what is offered at the end of the tour.

use crate::run::tour::{FirstRunTour, FollowUp};

/// What the right side shows below the headline.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SideTab {
    /// Why something has not happened.
    Why,
    /// The steps that led here.
    Cause,
    /// What may happen next.
    #[default]
    Next,
    /// Everything that happened.
    Steps,
}

impl SideTab {
    /// All of them, in the order in which they stand.
    pub const ALL: [Self; 4] = [Self::Why, Self::Cause, Self::Next, Self::Steps];

    /// The id of its button; its message's, too.
    pub fn id(self) -> &'static str {
        match self {
            Self::Why => "side-why",
            Self::Cause => "side-cause",
            Self::Next => "side-next",
            Self::Steps => "side-steps",
        }
    }
}

/// What a curious person may ask once the tour is complete.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TourOffers {
    is_open: bool,
    is_dismissed: bool,
    taken: Vec<FollowUp>,
}

impl TourOffers {
    /// Whether there is anything to offer now.
    pub fn are_open(&self) -> bool {
        self.is_open && !self.is_dismissed && self.left().next().is_some()
    }

    /// What was not taken yet.
    pub fn left(&self) -> impl Iterator<Item = FollowUp> + '_ {
        FollowUp::ALL.into_iter().filter(|follow_up| !self.taken.contains(follow_up))
    }

    /// Opens them where the tour was just completed.
    pub fn observe(&mut self, tour: FirstRunTour, position: u32) {
        self.is_open |= tour.is_newly_done(position);
    }

    /// One was taken. Another run begins with `acks=1`: what is left is offered again at the end of its tour.
    pub fn take(&mut self, follow_up: FollowUp) {
        self.taken.push(follow_up);
        self.is_open &= follow_up != FollowUp::AcksOne;
    }

    /// Another run was begun: its tour has not been made.
    pub fn close(&mut self) {
        self.is_open = false;
    }

    /// Nobody wants to see them any more.
    pub fn dismiss(&mut self) {
        self.is_dismissed = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complete() -> FirstRunTour {
        FirstRunTour { acknowledged: Some(9), read: Some(11), committed: Some(14) }
    }

    #[test]
    fn offers_stay_until_taken_or_dismissed() {
        let mut offers = TourOffers::default();
        offers.observe(complete(), 13);
        assert!(!offers.are_open(), "the tour is not complete there");
        offers.observe(complete(), 14);
        offers.observe(complete(), 10_000);
        offers.observe(complete(), 3);
        assert!(offers.are_open(), "they stay wherever the run goes");
        offers.take(FollowUp::CrashLeader);
        assert_eq!(offers.left().collect::<Vec<_>>(), [FollowUp::AcksOne, FollowUp::NotEarlier]);
        offers.take(FollowUp::AcksOne);
        assert!(!offers.are_open(), "another run begins");
        offers.observe(complete(), 14);
        assert!(offers.are_open());
        let mut dismissed = offers.clone();
        dismissed.dismiss();
        dismissed.observe(complete(), 14);
        assert!(!dismissed.are_open());
        offers.take(FollowUp::NotEarlier);
        assert!(!offers.are_open(), "nothing is left");
    }
}
