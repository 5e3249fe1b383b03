//! Everything that touches the browser by itself: keys, clocks, the address bar.

mod use_address;
mod use_document;
mod use_keys;
mod use_outlook;
mod use_play;
mod use_press;
mod use_rest_of_page;

pub use use_address::use_address;
pub use use_document::use_document;
pub use use_keys::use_keys;
pub use use_outlook::use_outlook;
pub use use_play::use_play;
pub use use_press::use_press;
pub use use_rest_of_page::use_rest_of_page;
