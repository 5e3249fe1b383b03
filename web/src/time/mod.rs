//! The foot of the page: forward and back, play, and the run as a line.

mod scrubber;
mod transport;

pub use transport::Transport;
