//! The property files of a cluster's nodes, as a person writes them: kept whatever is wrong with them.

use crate::engine::properties::{Review, ServerFile, review};

/// Files that are written, and what they say.
#[derive(Clone, Debug, PartialEq)]
pub struct ConfigDraft {
    /// The files.
    pub files: Vec<ServerFile>,
    /// Which of them is shown, where one is shown at a time.
    pub shown: usize,
    /// Whether the cluster gets a topic and clients, which are not in the files.
    pub with_clients: bool,
    /// What they say.
    pub review: Review,
}

impl ConfigDraft {
    /// Files, the first of them shown.
    pub fn of(files: Vec<ServerFile>) -> Self {
        Self { review: review(&files), files, shown: 0, with_clients: true }
    }

    /// The same after a file's text was changed.
    pub fn with_text(&self, file: usize, text: String) -> Self {
        let mut next = self.clone();
        if let Some(file) = next.files.get_mut(file) {
            file.text = text;
        }
        next.review = review(&next.files);
        next
    }

    /// The same with more files, the first of them shown. A file that nobody has written anything in gives way.
    pub fn with_files(&self, files: Vec<ServerFile>) -> Self {
        let mut all: Vec<ServerFile> =
            self.files.iter().filter(|file| !file.text.is_empty() || files.is_empty()).cloned().collect();
        let shown = all.len();
        for mut file in files {
            let taken = |name: &str| all.iter().any(|other| other.name == name);
            if taken(&file.name) {
                let numbered = (2..).map(|number| format!("{} ({number})", file.name)).find(|name| !taken(name));
                file.name = numbered.unwrap_or_default();
            }
            all.push(file);
        }
        Self { shown: shown.min(all.len().saturating_sub(1)), with_clients: self.with_clients, ..Self::of(all) }
    }

    /// The same with one more file, to be pasted into.
    pub fn with_another(&self) -> Self {
        let number = self.files.len() + 1;
        let mut next = self.clone();
        next.files.push(ServerFile { name: format!("server-{number}.properties"), text: String::new() });
        next.shown = number - 1;
        next.review = review(&next.files);
        next
    }

    /// The same without a file.
    pub fn without(&self, file: usize) -> Self {
        let mut files = self.files.clone();
        if file < files.len() {
            files.remove(file);
        }
        let shown = self.shown.min(files.len().saturating_sub(1));
        Self { shown, with_clients: self.with_clients, ..Self::of(files) }
    }
}

impl Default for ConfigDraft {
    fn default() -> Self {
        Self::of(vec![ServerFile { name: "server-1.properties".to_owned(), text: String::new() }])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(draft: &ConfigDraft) -> Vec<&str> {
        draft.files.iter().map(|file| file.name.as_str()).collect()
    }

    #[test]
    fn files_are_added_renamed_and_removed_and_nothing_typed_is_lost() {
        let draft = ConfigDraft::default();
        let file = |text: &str| ServerFile { name: "a".to_owned(), text: text.to_owned() };
        let dropped = draft.with_files(vec![file("x=1"), file("x=2")]);
        assert_eq!(names(&dropped), ["a", "a (2)"], "the empty one gives way");
        let more = dropped.with_another().with_text(2, "node.id=1".to_owned());
        assert_eq!((names(&more), more.shown), (vec!["a", "a (2)", "server-3.properties"], 2));
        let fewer = more.without(0);
        assert_eq!((names(&fewer), fewer.shown), (vec!["a (2)", "server-3.properties"], 1));
        assert_eq!(fewer.files[1].text, "node.id=1");
        assert!(fewer.review.cluster.is_err());
        assert_eq!(names(&draft.with_files(Vec::new())), ["server-1.properties"]);
    }
}
