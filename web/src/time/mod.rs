//! The foot of the page: forward and back, play, and the run as a bar with its marks and branches.

mod lanes;
mod next_change;
mod rails;
mod scrubber;
mod transport;

pub use transport::Transport;
