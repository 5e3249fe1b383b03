//! The bytes of a connection: what lies in its receive buffer, and what was read of the next request (`NetworkReceive`).

use crate::connection::CloseReason;

/// A request's size stands before it.
const SIZE_BYTES: usize = 4;

/// What came as bytes on a connection and is no whole request yet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct NetworkReceive {
    /// In the socket's receive buffer, unread.
    socket: Vec<u8>,
    /// What a network thread has read of the next request, its size included.
    read: Vec<u8>,
}

impl NetworkReceive {
    /// Bytes reached the socket.
    pub fn arrive(&mut self, bytes: &[u8]) {
        self.socket.extend_from_slice(bytes);
    }

    /// Whether there are bytes that no network thread has read.
    pub fn has_unread(&self) -> bool {
        !self.socket.is_empty()
    }

    /// How many bytes were read of the next request, its size included, and how many there have to be.
    pub fn progress(&self) -> (usize, usize) {
        (self.read.len(), self.wanted())
    }

    /// The size that a request announces, once it is read.
    fn size(&self) -> Option<i32> {
        let size = self.read.get(..SIZE_BYTES)?;
        size.try_into().ok().map(i32::from_be_bytes)
    }

    fn wanted(&self) -> usize {
        SIZE_BYTES.saturating_add(self.size().and_then(|size| usize::try_from(size).ok()).unwrap_or(0))
    }

    /// Reads as far as the end of the next request (`NetworkReceive.readFrom`). Gives it, without its size, where it is whole. A size
    /// that is negative or larger than `max_bytes` is an error as soon as it is read.
    pub fn read(&mut self, max_bytes: i32) -> Result<Option<Vec<u8>>, CloseReason> {
        if self.read.len() < SIZE_BYTES {
            self.take(SIZE_BYTES);
            match self.size() {
                None => return Ok(None),
                Some(size_bytes) if size_bytes < 0 => return Err(CloseReason::NegativeRequestSize { size_bytes }),
                Some(size_bytes) if size_bytes > max_bytes => {
                    return Err(CloseReason::RequestTooLarge { size_bytes: size_bytes.cast_unsigned(), max_bytes });
                }
                Some(_) => {}
            }
        }
        self.take(self.wanted());
        if self.read.len() < self.wanted() {
            return Ok(None);
        }
        let whole = std::mem::take(&mut self.read);
        Ok(Some(whole.get(SIZE_BYTES..).unwrap_or_default().to_vec()))
    }

    /// Moves bytes out of the socket until so many of the next request are read, or all that there are.
    fn take(&mut self, wanted: usize) {
        let count = wanted.saturating_sub(self.read.len()).min(self.socket.len());
        self.read.extend(self.socket.drain(..count));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn receive(bytes: &[u8]) -> NetworkReceive {
        let mut receive = NetworkReceive::default();
        receive.arrive(bytes);
        receive
    }

    #[test]
    fn a_request_is_read_when_all_of_it_is_there() {
        let mut half = receive(&[0, 0]);
        assert_eq!((half.read(10), half.progress()), (Ok(None), (2, 4)));
        half.arrive(&[0, 3, 7]);
        assert_eq!((half.read(10), half.progress()), (Ok(None), (5, 7)));
        half.arrive(&[8, 9, 0]);
        assert_eq!((half.read(10), half.has_unread()), (Ok(Some(vec![7, 8, 9])), true));
        assert_eq!((half.read(10), half.progress()), (Ok(None), (1, 4)));
    }

    #[test]
    fn a_size_is_refused_before_anything_of_its_request_is_there() {
        let size = |size: i32| receive(&size.to_be_bytes()).read(10_000);
        assert_eq!(size(10_001), Err(CloseReason::RequestTooLarge { size_bytes: 10_001, max_bytes: 10_000 }));
        assert_eq!(size(-1), Err(CloseReason::NegativeRequestSize { size_bytes: -1 }));
        assert_eq!((size(10_000), size(0)), (Ok(None), Ok(Some(Vec::new()))));
    }
}
