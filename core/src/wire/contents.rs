//! What the records of a batch say, once somebody has read them.

use std::any::Any;
use std::cell::OnceCell;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::rc::Rc;

/// What reading the records of a batch has given: one batch of the metadata log stands in many logs, and is read once.
///
/// It follows from the records: two batches are alike without it, and a clone, whose records may be changed, reads anew.
#[derive(Default)]
pub struct Contents(OnceCell<Rc<dyn Any>>);

impl Contents {
    /// What was read, or what `read` gives. A batch has contents of one type.
    pub fn get_or_read<T: 'static>(&self, read: impl FnOnce() -> T) -> Option<&T> {
        self.0.get_or_init(|| Rc::new(read())).downcast_ref()
    }
}

impl Clone for Contents {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl fmt::Debug for Contents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Contents")
    }
}

impl PartialEq for Contents {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Contents {}

impl Hash for Contents {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

#[cfg(test)]
mod tests {
    use super::Contents;

    #[test]
    fn contents_are_read_once_and_anew_by_a_clone() {
        let contents = Contents::default();
        assert_eq!(contents.get_or_read(|| 1_i32), Some(&1));
        assert_eq!(contents.get_or_read(|| 2_i32), Some(&1), "it was read already");
        assert_eq!(contents.get_or_read(|| "text"), None, "of another type");
        let clone = contents.clone();
        assert_eq!(clone, contents);
        assert_eq!(clone.get_or_read(|| 2_i32), Some(&2));
    }
}
