//! Lines and the options of tools.

/// A tool.
#[derive(Debug)]
pub struct Tool {
    /// Its name, without `.sh`.
    pub name: &'static str,
    /// Its options and sub-commands, and whether each takes a value.
    pub options: &'static [(&'static str, bool)],
}

const BOOTSTRAP: (&str, bool) = ("--bootstrap-server", true);
const HELP: (&str, bool) = ("--help", false);

/// The tools that there are.
pub const TOOLS: &[Tool] = &[
    Tool {
        name: "kafka-topics",
        options: &[
            ("--list", false),
            ("--describe", false),
            ("--create", false),
            ("--delete", false),
            ("--alter", false),
            ("--topic", true),
            ("--partitions", true),
            ("--replication-factor", true),
            ("--replica-assignment", true),
            ("--config", true),
            ("--if-exists", false),
            ("--if-not-exists", false),
            ("--exclude-internal", false),
            ("--under-replicated-partitions", false),
            ("--unavailable-partitions", false),
            ("--under-min-isr-partitions", false),
            ("--at-min-isr-partitions", false),
            BOOTSTRAP,
            HELP,
        ],
    },
    Tool {
        name: "kafka-configs",
        options: &[
            ("--describe", false),
            ("--alter", false),
            ("--all", false),
            ("--entity-type", true),
            ("--entity-name", true),
            ("--entity-default", false),
            ("--topic", true),
            ("--broker", true),
            ("--broker-defaults", false),
            ("--broker-logger", true),
            ("--user", true),
            ("--user-defaults", false),
            ("--client", true),
            ("--client-defaults", false),
            ("--ip", true),
            ("--ip-defaults", false),
            ("--add-config", true),
            ("--delete-config", true),
            BOOTSTRAP,
            HELP,
        ],
    },
    Tool {
        name: "kafka-metadata-quorum",
        options: &[
            ("describe", false),
            ("--status", false),
            ("--replication", false),
            ("add-controller", false),
            ("remove-controller", false),
            ("--controller-id", true),
            ("--controller-directory-id", true),
            ("--command-config", true),
            ("--bootstrap-controller", true),
            BOOTSTRAP,
            HELP,
        ],
    },
    Tool {
        name: "kafka-consumer-groups",
        options: &[
            ("--list", false),
            ("--describe", false),
            ("--group", true),
            ("--all-groups", false),
            ("--offsets", false),
            ("--state", false),
            ("--members", false),
            ("--verbose", false),
            BOOTSTRAP,
            HELP,
        ],
    },
    Tool {
        name: "kafka-acls",
        options: &[
            ("--list", false),
            ("--add", false),
            ("--remove", false),
            ("--topic", true),
            ("--group", true),
            ("--transactional-id", true),
            ("--cluster", false),
            ("--resource-pattern-type", true),
            ("--operation", true),
            ("--allow-principal", true),
            ("--deny-principal", true),
            ("--allow-host", true),
            ("--deny-host", true),
            ("--principal", true),
            ("--producer", false),
            ("--consumer", false),
            ("--force", false),
            BOOTSTRAP,
            HELP,
        ],
    },
    Tool {
        name: "kafka-features",
        options: &[
            ("describe", false),
            ("upgrade", false),
            ("downgrade", false),
            ("disable", false),
            ("version-mapping", false),
            ("--feature", true),
            ("--metadata", true),
            ("--release-version", true),
            ("--unsafe", false),
            ("--dry-run", false),
            BOOTSTRAP,
            HELP,
        ],
    },
    Tool {
        name: "kafka-leader-election",
        options: &[
            ("--election-type", true),
            ("--topic", true),
            ("--partition", true),
            ("--all-topic-partitions", false),
            BOOTSTRAP,
            HELP,
        ],
    },
    Tool {
        name: "kafka-reassign-partitions",
        options: &[
            ("--execute", false),
            ("--generate", false),
            ("--verify", false),
            ("--cancel", false),
            ("--list", false),
            ("--topics-to-move-json-file", true),
            ("--broker-list", true),
            ("--disable-rack-aware", false),
            ("--reassignment-json-file", true),
            BOOTSTRAP,
            HELP,
        ],
    },
    Tool {
        name: "kafka-storage",
        options: &[
            ("random-uuid", false),
            ("info", false),
            ("format", false),
            ("--config", true),
            ("-c", true),
            ("--cluster-id", true),
            ("-t", true),
            ("--standalone", false),
            ("-s", false),
            ("--no-initial-controllers", false),
            ("-N", false),
            ("--initial-controllers", true),
            ("-I", true),
            ("--ignore-formatted", false),
            ("-g", false),
            ("--feature", true),
            ("-f", true),
            HELP,
        ],
    },
    Tool { name: "kafka-broker-api-versions", options: &[BOOTSTRAP, HELP] },
    Tool {
        name: "kafka-dump-log",
        options: &[("--cluster-metadata-decoder", false), ("--files", true), ("--print-data-log", false), HELP],
    },
];

/// A tool by its name, with or without `.sh` and folders before it.
pub fn tool(word: &str) -> Option<&'static Tool> {
    let name = word.rsplit('/').next().unwrap_or(word);
    let name = name.strip_suffix(".sh").unwrap_or(name);
    TOOLS.iter().find(|tool| tool.name == name)
}

/// The words of a line as a shell takes them apart; none where a quotation mark is not closed.
pub fn words(line: &str) -> Option<Vec<String>> {
    let mut words: Vec<String> = Vec::new();
    let (mut word, mut quote): (Option<String>, Option<char>) = (None, None);
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        match (quote, letter) {
            (Some(open), letter) if open == letter => quote = None,
            (Some('"') | None, '\\') => word.get_or_insert_default().extend(letters.next()),
            (Some(_), letter) => word.get_or_insert_default().push(letter),
            (None, '\'' | '"') => {
                quote = Some(letter);
                word.get_or_insert_default();
            }
            (None, letter) if letter.is_whitespace() => words.extend(word.take()),
            (None, letter) => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    quote.is_none().then_some(words)
}

/// A tool's options as they were given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    given: Vec<(String, Option<String>)>,
}

impl Line {
    /// Reads the words after the tool's name (`OptionParser`). The error is what the tool prints.
    pub fn parse(tool: &Tool, words: &[String]) -> Result<Self, String> {
        let mut given = Vec::new();
        let mut rest = words.iter().peekable();
        while let Some(word) = rest.next() {
            let (name, value) = match word.split_once('=') {
                Some((name, value)) if name.starts_with("--") => (name, Some(value.to_owned())),
                _ => (word.as_str(), None),
            };
            let Some((_, takes)) = tool.options.iter().find(|(known, _)| *known == name) else {
                let option = name.trim_start_matches('-');
                return Err(format!("{option} is not a recognized option"));
            };
            let value = match (takes, value) {
                (false, _) => None,
                (true, Some(value)) => Some(value),
                (true, None) => match rest.next_if(|next| !next.starts_with("--")) {
                    Some(value) => Some(value.clone()),
                    None => return Err(format!("Option {} requires an argument", name.trim_start_matches('-'))),
                },
            };
            given.push((name.to_owned(), value));
        }
        Ok(Self { given })
    }

    /// Options and their values, as they were given.
    pub fn given(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        self.given.iter().map(|(name, value)| (name.as_str(), value.as_deref()))
    }

    /// The words that it was read from.
    pub fn to_words(&self) -> Vec<&str> {
        self.given().flat_map(|(name, value)| [Some(name), value]).flatten().collect()
    }

    /// Whether an option is there.
    pub fn has(&self, name: &str) -> bool {
        self.given.iter().any(|(given, _)| given == name)
    }

    /// An option's value.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.values(name).next()
    }

    /// All values of an option.
    pub fn values(&self, name: &str) -> impl Iterator<Item = &str> {
        self.given.iter().filter(move |(given, _)| given == name).filter_map(|(_, value)| value.as_deref())
    }
}
