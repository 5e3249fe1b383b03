//! What every group of typed settings can do, written once.

/// Defines a group of settings: a struct with a typed field for each, read and written by the real names.
macro_rules! settings {
    ($($(#[$meta:meta])* pub struct $group:ident of $key:ident { $($(#[$field_meta:meta])* $field:ident: $type:ty = $name:literal, $default:expr, $values:literal;)* })*) => {
        $(
            $(#[$meta])*
            #[derive(Clone, Debug, PartialEq)]
            pub struct $group {
                $($(#[$field_meta])* pub $field: $type,)*
                /// What was set by name at the start, as it was written; what the process itself is, too.
                pub configured: Configs,
            }

            impl Hash for $group {
                fn hash<H: Hasher>(&self, state: &mut H) {
                    $(self.$field.hash_value(state);)*
                    self.configured.hash(state);
                }
            }

            impl Default for $group {
                fn default() -> Self {
                    Self { $($field: $default.into(),)* configured: Configs::new() }
                }
            }

            impl $group {
                /// Sets one setting by its real name. The error says what was expected.
                pub fn set(&mut self, name: &str, value: &str) -> Result<(), CommandError> {
                    match name {
                        $($name => self.$field = read($key(name), name, value, $values)?,)*
                        _ => return Err(CommandError::NoSuchSetting { name: name.to_owned() }),
                    }
                    Ok(())
                }

                /// The value of one setting by its real name. There is none where it is null.
                pub fn get(&self, name: &str) -> Option<String> {
                    match name {
                        $($name => self.$field.to_setting(),)*
                        _ => None,
                    }
                }

                /// The value of any setting of Kafka, by its real name: of one that the engine does not act on, the default.
                pub fn value(&self, name: &str) -> Option<String> {
                    match name {
                        $($name => self.$field.to_setting(),)*
                        _ => self
                            .configured
                            .get(name)
                            .cloned()
                            .or_else(|| $key(name).and_then(|key| key.default).map(str::to_owned)),
                    }
                }

                /// All settings of the group.
                pub fn all() -> Vec<SettingInfo> {
                    let default = Self::default();
                    vec![$(SettingInfo {
                        name: $name,
                        default: default.$field.to_setting().unwrap_or_default(),
                        values: $values,
                    },)*]
                }

                /// The defaults with some settings changed. Every wrong one is named.
                pub fn with(changes: &BTreeMap<String, String>) -> Result<Self, Vec<CommandError>> {
                    let mut settings = Self { configured: changes.clone(), ..Self::default() };
                    let errors: Vec<CommandError> =
                        changes.iter().filter_map(|(name, value)| settings.set(name, value).err()).collect();
                    if errors.is_empty() { Ok(settings) } else { Err(errors) }
                }
            }
        )*
    };
}

pub(super) use settings;
