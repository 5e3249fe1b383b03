//! A module as it is read, to be split.

use std::collections::{BTreeMap, BTreeSet};

use wasmparser::{ElementItems, ExternalKind, FuncType, FunctionBody, Operator, Parser, Payload, TypeRef};

use super::FETCH;
use crate::linked::address_of;
use crate::report::function_names;

/// A module, as far as splitting looks at it. Functions are counted with the imported ones first, as WebAssembly does.
pub(crate) struct Source<'a> {
    pub(crate) types: Vec<FuncType>,
    /// The type of each function.
    pub(crate) functions: Vec<u32>,
    /// The bodies of those that are not imported.
    pub(crate) bodies: Vec<FunctionBody<'a>>,
    pub(crate) names: BTreeMap<u32, String>,
    pub(crate) tables: Vec<wasmparser::TableType>,
    pub(crate) memories: Vec<wasmparser::MemoryType>,
    pub(crate) globals: Vec<wasmparser::GlobalType>,
    pub(crate) exports: BTreeMap<(Kind, u32), String>,
    /// Functions that the table or the host gets to see.
    pub(crate) shown: BTreeSet<u32>,
    /// The function that asks for the rest.
    pub(crate) fetch: u32,
    /// What memory holds at the beginning, each run with its address.
    pub(crate) data: Vec<(u32, &'a [u8])>,
    /// Whether there is data that gets its place later.
    has_unplaced_data: bool,
}

/// What an export is, as a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Function,
    Table,
    Memory,
    Global,
}

impl<'a> Source<'a> {
    pub(crate) fn read(bytes: &'a [u8]) -> Result<Self, String> {
        let mut source = Self {
            types: Vec::new(),
            functions: Vec::new(),
            bodies: Vec::new(),
            names: BTreeMap::new(),
            tables: Vec::new(),
            memories: Vec::new(),
            globals: Vec::new(),
            exports: BTreeMap::new(),
            shown: BTreeSet::new(),
            fetch: u32::MAX,
            data: Vec::new(),
            has_unplaced_data: false,
        };
        for payload in Parser::new(0).parse_all(bytes) {
            source.take(payload.map_err(|error| error.to_string())?).map_err(|error| error.to_string())?;
        }
        if source.has_unplaced_data {
            return Err("this module has data that no address is given for".to_owned());
        }
        if source.names.is_empty() {
            return Err("the functions of this module have no names: take it before it is stripped".to_owned());
        }
        if source.fetch == u32::MAX {
            return Err(format!("this module imports no {FETCH}: nothing could ask for the rest"));
        }
        Ok(source)
    }

    fn take(&mut self, payload: Payload<'a>) -> wasmparser::Result<()> {
        match payload {
            Payload::TypeSection(section) => {
                for func in section.into_iter_err_on_gc_types() {
                    self.types.push(func?);
                }
            }
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    let import = import?;
                    match import.ty {
                        TypeRef::Func(ty) | TypeRef::FuncExact(ty) => {
                            if import.name.contains(FETCH) {
                                self.fetch = self.functions.len() as u32;
                            }
                            self.functions.push(ty);
                        }
                        TypeRef::Table(ty) => self.tables.push(ty),
                        TypeRef::Memory(ty) => self.memories.push(ty),
                        TypeRef::Global(ty) => self.globals.push(ty),
                        TypeRef::Tag(_) => {}
                    }
                }
            }
            Payload::FunctionSection(section) => {
                for ty in section {
                    self.functions.push(ty?);
                }
            }
            Payload::TableSection(section) => {
                for table in section {
                    self.tables.push(table?.ty);
                }
            }
            Payload::MemorySection(section) => {
                for memory in section {
                    self.memories.push(memory?);
                }
            }
            Payload::GlobalSection(section) => {
                for global in section {
                    self.globals.push(global?.ty);
                }
            }
            Payload::ExportSection(section) => {
                for export in section {
                    let export = export?;
                    let kind = match export.kind {
                        ExternalKind::Func | ExternalKind::FuncExact => {
                            self.shown.insert(export.index);
                            Kind::Function
                        }
                        ExternalKind::Table => Kind::Table,
                        ExternalKind::Memory => Kind::Memory,
                        ExternalKind::Global => Kind::Global,
                        ExternalKind::Tag => continue,
                    };
                    self.exports.insert((kind, export.index), export.name.to_owned());
                }
            }
            Payload::StartSection { func, .. } => {
                self.shown.insert(func);
            }
            Payload::ElementSection(section) => {
                for element in section {
                    match element?.items {
                        ElementItems::Functions(functions) => {
                            for function in functions {
                                self.shown.insert(function?);
                            }
                        }
                        ElementItems::Expressions(_, expressions) => {
                            for expression in expressions {
                                for operator in expression?.get_operators_reader() {
                                    self.shown.extend(referred(&operator?));
                                }
                            }
                        }
                    }
                }
            }
            Payload::DataSection(section) => {
                for data in section {
                    let data = data?;
                    match address_of(&data.kind)? {
                        Some(address) => self.data.push((address, data.data)),
                        None => self.has_unplaced_data = true,
                    }
                }
            }
            Payload::CodeSectionEntry(body) => self.bodies.push(body),
            Payload::CustomSection(section) => self.names.extend(function_names(&section)?),
            _ => {}
        }
        Ok(())
    }

    pub(crate) fn imported(&self) -> u32 {
        (self.functions.len() - self.bodies.len()) as u32
    }

    /// The functions with a body, with it.
    pub(crate) fn defined(&self) -> impl Iterator<Item = (u32, &FunctionBody<'a>)> {
        (self.imported()..).zip(&self.bodies)
    }

    pub(crate) fn params(&self, function: u32) -> usize {
        self.types[self.functions[function as usize] as usize].params().len()
    }

    /// The table that functions are called through.
    pub(crate) fn table(&self) -> Result<u32, String> {
        let place = self.tables.iter().position(|table| table.element_type.is_func_ref());
        place.map(|place| place as u32).ok_or_else(|| "this module has no table of functions".to_owned())
    }
}

/// The function that an instruction names.
pub(crate) fn referred(operator: &Operator<'_>) -> Option<u32> {
    match operator {
        Operator::Call { function_index }
        | Operator::ReturnCall { function_index }
        | Operator::RefFunc { function_index } => Some(*function_index),
        _ => None,
    }
}

/// What is found in the instructions of functions.
pub(crate) fn found_in<'b, 'a: 'b>(
    functions: impl Iterator<Item = (u32, &'b FunctionBody<'a>)>,
    what: impl Fn(&Operator<'_>) -> Option<u32>,
) -> Result<BTreeSet<u32>, String> {
    let mut found = BTreeSet::new();
    for (_, body) in functions {
        for operator in body.get_operators_reader().map_err(|error| error.to_string())? {
            found.extend(what(&operator.map_err(|error| error.to_string())?));
        }
    }
    Ok(found)
}

/// The number in an instruction that may be an address, or the offset of an access to memory.
pub(crate) fn constant(operator: &Operator<'_>) -> Option<u32> {
    match operator {
        Operator::I32Const { value } => Some(*value as u32),
        Operator::I32Load { memarg }
        | Operator::I64Load { memarg }
        | Operator::F32Load { memarg }
        | Operator::F64Load { memarg }
        | Operator::I32Load8S { memarg }
        | Operator::I32Load8U { memarg }
        | Operator::I32Load16S { memarg }
        | Operator::I32Load16U { memarg }
        | Operator::I64Load8S { memarg }
        | Operator::I64Load8U { memarg }
        | Operator::I64Load16S { memarg }
        | Operator::I64Load16U { memarg }
        | Operator::I64Load32S { memarg }
        | Operator::I64Load32U { memarg } => u32::try_from(memarg.offset).ok(),
        _ => None,
    }
}

/// The name by which a table, a memory or a global is exported.
pub(crate) fn name(source: &Source<'_>, kind: Kind, index: u32) -> String {
    source.exports.get(&(kind, index)).cloned().unwrap_or_else(|| format!("{kind:?}{index}"))
}
