//! Where the words `HW 7` stand: beside their line, and never on a reader's mark.

/// What is taken of the line under a log: from and to, from the log's left edge.
pub type Span = (f64, f64);

/// From the line to its words.
const GAP: f64 = 5.0;

/// Where the words of the high watermark stand.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Label {
    /// Their left edge.
    pub x: f64,
    /// Their width.
    pub w: f64,
}

/// Finds a place for the high watermark's words: left of the line, else right of it, else behind the marks that are in
/// the way. A mark at the line itself gives way. `w` is their width, `room` the log's.
pub fn beside_line(line: f64, w: f64, room: f64, marks: &[Span]) -> Label {
    let others: Vec<Span> = marks.iter().copied().filter(|(from, to)| !(*from - 1.0..*to).contains(&line)).collect();
    let is_free = |x: f64| others.iter().all(|(from, to)| x + w <= *from || *to <= x);
    let (left, right) = (line - GAP - w, line + GAP);
    if left >= -4.0 && is_free(left) {
        return Label { x: left, w };
    }
    let mut x = right;
    while let Some((_, to)) = others.iter().find(|(from, to)| x < *to && *from < x + w) {
        x = to + GAP;
    }
    // Rather on a mark than beyond the log.
    Label { x: x.min((room - w).max(left.max(0.0))), w }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_stand_left_of_their_line_where_there_is_room() {
        assert_eq!(beside_line(90.0, 35.5, 200.0, &[]), Label { x: 49.5, w: 35.5 });
        assert_eq!(beside_line(0.0, 35.5, 200.0, &[]).x, 5.0);
    }

    #[test]
    fn a_reader_is_not_covered() {
        assert_eq!(beside_line(90.0, 35.5, 200.0, &[(25.0, 55.0)]).x, 95.0);
        assert_eq!(beside_line(0.0, 35.5, 200.0, &[(25.0, 55.0)]).x, 60.0);
        // A reader at the line shares the place: its name moves.
        assert_eq!(beside_line(90.0, 35.5, 200.0, &[(85.0, 115.0)]).x, 49.5);
    }
}
