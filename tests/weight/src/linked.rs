//! What the linker notes of a module on request (`--emit-relocs`): the objects in its read-only data, and what refers to which.
//!
//! An object is what the compiler gave a name to: a text, a table, a constant. Two that overlap, as texts with a common end do,
//! are one here.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use wasm_encoder::{CustomSection, Module, RawSection};
use wasmparser::{
    BinaryReaderError, DataKind, Encoding, KnownCustom, Linking, Operator, Parser, Payload, RelocationType, SymbolInfo,
};

use crate::report::function_names;

/// The sections that the linker adds.
const LINKING: &str = "linking";
const RELOCATIONS: &str = "reloc.";
/// The segment of what never changes.
const READ_ONLY: &str = ".rodata";

/// A module as it was linked.
#[derive(Debug, Default)]
pub struct Linked {
    /// Address and bytes of the read-only data.
    data: (u32, Vec<u8>),
    /// The objects in it, by address.
    objects: Vec<Object>,
    /// What an address in the code stands for, where that lies beside its object, as the end of a table does.
    meant: BTreeMap<u32, BTreeSet<usize>>,
    /// What each function refers to, by its name.
    by_function: BTreeMap<String, BTreeSet<usize>>,
    /// What data refers to that can change.
    by_changing: BTreeSet<usize>,
}

#[derive(Debug)]
struct Object {
    addresses: Range<u32>,
    /// The objects that it refers to.
    refers: BTreeSet<usize>,
}

/// A data segment, with where its bytes begin in the section.
struct Segment<'a> {
    address: u32,
    bytes: &'a [u8],
    offset: usize,
}

/// What is read of a module before its objects are known.
#[derive(Default)]
struct Notes<'a> {
    segments: Vec<Segment<'a>>,
    /// Which segment is the read-only one.
    read_only: Option<u32>,
    /// Where each function's body is in the code section, with its number among those with a body.
    bodies: Vec<Range<usize>>,
    imported: usize,
    names: BTreeMap<u32, String>,
    /// The segment and the place in it of each symbol that is data.
    symbols: Vec<Option<(u32, Range<u32>)>>,
    /// Where, to which symbol, how far beside it: in code and in data.
    in_code: Vec<(usize, u32, i64)>,
    in_data: Vec<(usize, u32, i64)>,
}

impl Linked {
    /// Reads a module that was linked so.
    ///
    /// # Errors
    /// When it is no module, or the linker has noted nothing of it.
    pub fn read(bytes: &[u8]) -> Result<Self, String> {
        let notes = Notes::read(bytes).map_err(|error| error.to_string())?;
        if notes.symbols.is_empty() || notes.in_code.is_empty() {
            return Err("the linker has noted nothing of this module: link it with --emit-relocs".to_owned());
        }
        Ok(notes.linked())
    }

    /// The read-only data that nothing refers to but code that is not among the first: neither one of the first functions, as it
    /// was linked, nor a constant in what they have become, nor an object that they refer to.
    pub fn idle(&self, is_first: &dyn Fn(&str) -> bool, constants: &BTreeSet<u32>) -> Vec<Range<u32>> {
        let first = self.by_function.iter().filter(|(name, _)| is_first(name)).flat_map(|(_, objects)| objects);
        let constant = constants.iter().flat_map(|value| self.at(*value).into_iter().chain(self.beside(*value)));
        let mut needed: BTreeSet<usize> = first.chain(&self.by_changing).copied().chain(constant).collect();
        let mut open: Vec<usize> = needed.iter().copied().collect();
        while let Some(object) = open.pop() {
            open.extend(self.objects[object].refers.iter().copied().filter(|other| needed.insert(*other)));
        }
        let mut idle: Vec<Range<u32>> = Vec::new();
        let mut was_idle = false;
        for (object, Object { addresses, .. }) in self.objects.iter().enumerate() {
            let is_idle = !needed.contains(&object);
            match idle.last_mut() {
                // What the linker left between two to align them is nobody's.
                Some(last) if is_idle && was_idle => last.end = addresses.end,
                _ if is_idle => idle.push(addresses.clone()),
                _ => {}
            }
            was_idle = is_idle;
        }
        idle
    }

    /// Whether these bytes stand at that address of the read-only data; none of it counts as standing there.
    pub fn has(&self, address: u32, bytes: &[u8]) -> bool {
        let (start, data) = (self.data.0 as usize, &self.data.1);
        let (from, to) = (address as usize, address as usize + bytes.len());
        let (common, end) = (from.max(start), to.min(start + data.len()));
        common >= end || bytes[common - from..end - from] == data[common - start..end - start]
    }

    /// The object at an address.
    fn at(&self, address: u32) -> Option<usize> {
        let after = self.objects.partition_point(|object| object.addresses.start <= address);
        let last = after.checked_sub(1)?;
        self.objects[last].addresses.contains(&address).then_some(last)
    }

    /// What an address stands for that lies beside its object.
    fn beside(&self, address: u32) -> impl Iterator<Item = usize> {
        self.meant.get(&address).into_iter().flatten().copied()
    }
}

impl<'a> Notes<'a> {
    fn read(bytes: &'a [u8]) -> Result<Self, BinaryReaderError> {
        let mut notes = Self::default();
        let (mut section, mut code, mut data) = (0u32, (0, 0), (0, 0));
        for payload in Parser::new(0).parse_all(bytes) {
            let payload = payload?;
            match &payload {
                Payload::ImportSection(imports) => {
                    for import in imports.clone().into_imports() {
                        notes.imported += usize::from(matches!(import?.ty, wasmparser::TypeRef::Func(_)));
                    }
                }
                Payload::CodeSectionStart { range, .. } => code = (section, range.start),
                Payload::CodeSectionEntry(body) => {
                    let range = body.range();
                    notes.bodies.push(range.start - code.1..range.end - code.1);
                    continue;
                }
                Payload::DataSection(reader) => {
                    data = (section, reader.range().start);
                    for datum in reader.clone() {
                        let datum = datum?;
                        let Some(address) = address_of(&datum.kind)? else { continue };
                        let offset = datum.range.end - datum.data.len() - data.1;
                        notes.segments.push(Segment { address, bytes: datum.data, offset });
                    }
                }
                Payload::CustomSection(custom) => match custom.as_known() {
                    KnownCustom::Linking(linking) => {
                        for part in linking.subsections() {
                            notes.take(part?)?;
                        }
                    }
                    KnownCustom::Reloc(relocations) => {
                        let of = relocations.section_index();
                        for entry in relocations.entries() {
                            let entry = entry?;
                            let is_address = matches!(
                                entry.ty,
                                RelocationType::MemoryAddrLeb
                                    | RelocationType::MemoryAddrSleb
                                    | RelocationType::MemoryAddrI32
                            );
                            let noted = (entry.offset as usize, entry.index, entry.addend);
                            if is_address && of == code.0 {
                                notes.in_code.push(noted);
                            } else if is_address && of == data.0 {
                                notes.in_data.push(noted);
                            }
                        }
                    }
                    _ => notes.names.extend(function_names(custom)?),
                },
                _ => {}
            }
            section += u32::from(payload.as_section().is_some());
        }
        Ok(notes)
    }

    fn take(&mut self, part: Linking<'a>) -> Result<(), BinaryReaderError> {
        match part {
            Linking::SymbolTable(symbols) => {
                for symbol in symbols {
                    self.symbols.push(place(&symbol?));
                }
            }
            Linking::SegmentInfo(segments) => {
                for (index, segment) in (0..).zip(segments) {
                    if segment?.name == READ_ONLY {
                        self.read_only = Some(index);
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn linked(&self) -> Linked {
        let read_only = self.read_only.and_then(|index| Some((index, self.segments.get(index as usize)?)));
        let Some((index, read_only)) = read_only else { return Linked::default() };
        let in_read_only = |symbol: u32| match self.symbols.get(symbol as usize)? {
            Some((segment, place)) if *segment == index => {
                Some(read_only.address + place.start..read_only.address + place.end)
            }
            _ => None,
        };
        let mut places: Vec<Range<u32>> =
            (0..self.symbols.len() as u32).filter_map(in_read_only).filter(|place| !place.is_empty()).collect();
        places.sort_by_key(|place| (place.start, place.end));
        let mut objects: Vec<Object> = Vec::new();
        for place in places {
            match objects.last_mut() {
                Some(last) if place.start < last.addresses.end => {
                    last.addresses.end = last.addresses.end.max(place.end);
                }
                _ => objects.push(Object { addresses: place, refers: BTreeSet::new() }),
            }
        }
        let data = (read_only.address, read_only.bytes.to_vec());
        let mut linked = Linked { data, objects, ..Linked::default() };
        for (offset, symbol, _) in &self.in_data {
            let Some(to) = in_read_only(*symbol).and_then(|place| linked.at(place.start)) else { continue };
            let at = self.address_in_data(*offset).filter(|_| read_only.has(*offset));
            match at.and_then(|address| linked.at(address)) {
                Some(from) => _ = linked.objects[from].refers.insert(to),
                None => _ = linked.by_changing.insert(to),
            }
        }
        for (offset, symbol, addend) in &self.in_code {
            let Some(place) = in_read_only(*symbol) else { continue };
            let Some(to) = linked.at(place.start) else { continue };
            let value = i64::from(place.start) + addend;
            linked.meant.entry(value as u32).or_default().insert(to);
            let body = self.bodies.partition_point(|body| body.start <= *offset).saturating_sub(1);
            let name = self.names.get(&((self.imported + body) as u32)).cloned().unwrap_or_default();
            linked.by_function.entry(name).or_default().insert(to);
        }
        linked
    }

    fn address_in_data(&self, offset: usize) -> Option<u32> {
        let segment = self.segments.iter().find(|segment| segment.has(offset))?;
        Some(segment.address + (offset - segment.offset) as u32)
    }
}

impl Segment<'_> {
    fn has(&self, offset: usize) -> bool {
        (self.offset..self.offset + self.bytes.len()).contains(&offset)
    }
}

/// Where a symbol is that is data.
fn place(symbol: &SymbolInfo<'_>) -> Option<(u32, Range<u32>)> {
    match symbol {
        SymbolInfo::Data { symbol: Some(defined), .. } => {
            Some((defined.index, defined.offset..defined.offset + defined.size))
        }
        _ => None,
    }
}

/// Where a data segment is put when the module begins; `None` where that is no constant.
///
/// # Errors
/// When it cannot be read.
pub(crate) fn address_of(kind: &DataKind<'_>) -> Result<Option<u32>, BinaryReaderError> {
    let DataKind::Active { memory_index: 0, offset_expr } = kind else { return Ok(None) };
    match offset_expr.get_operators_reader().read()? {
        Operator::I32Const { value } => Ok(Some(value as u32)),
        _ => Ok(None),
    }
}

/// A module without what the linker noted of it: tools that come afterwards do not know what that is.
///
/// # Errors
/// When it is no module.
pub fn without_notes(bytes: &[u8]) -> Result<Vec<u8>, String> {
    let mut module = Module::new();
    for payload in Parser::new(0).parse_all(bytes) {
        let payload = payload.map_err(|error| error.to_string())?;
        match &payload {
            Payload::Version { encoding: Encoding::Component, .. } => return Err("this is a component".to_owned()),
            Payload::CustomSection(custom) => {
                let (name, data) = (custom.name(), custom.data());
                if name != LINKING && !name.starts_with(RELOCATIONS) {
                    module.section(&CustomSection { name: Cow::Borrowed(name), data: Cow::Borrowed(data) });
                }
            }
            payload => {
                if let Some((id, range)) = payload.as_section() {
                    module.section(&RawSection { id, data: &bytes[range] });
                }
            }
        }
    }
    Ok(module.finish())
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_encoder::{
        CodeSection, ConstExpr, DataSection, Function, FunctionSection, MemorySection, MemoryType, NameMap,
        NameSection, TypeSection,
    };

    /// Where the read-only data begins.
    const BASE: i32 = 1_024;

    fn leb(value: u32) -> [u8; 5] {
        [0, 7, 14, 21, 28].map(|shift| ((value >> shift) & 0x7f) as u8 | if shift < 28 { 0x80 } else { 0 })
    }

    fn relocations(section: u8, entries: &[(RelocationType, u8, u8, u8)]) -> Vec<u8> {
        let mut bytes = vec![section, entries.len() as u8];
        for (ty, offset, symbol, addend) in entries {
            bytes.extend([*ty as u8, *offset, *symbol, *addend]);
        }
        bytes
    }

    /// `first` names the end of object 0, which refers to object 1; `rare` names object 2; object 4 overlaps object 3. The last
    /// segment, which can change, refers to object 5.
    fn module() -> Vec<u8> {
        let (mut types, mut functions, mut memories) =
            (TypeSection::new(), FunctionSection::new(), MemorySection::new());
        types.ty().function([], []);
        memories.memory(MemoryType { minimum: 1, maximum: None, memory64: false, shared: false, page_size_log2: None });
        let mut code = CodeSection::new();
        for address in [BASE as u32 + 16, BASE as u32 + 32] {
            functions.function(0);
            let mut body = Function::new([]);
            body.raw([0x41].into_iter().chain(leb(address)).chain([0x1a, 0x0b]));
            code.function(&body);
        }
        let mut data = DataSection::new();
        data.active(0, &ConstExpr::i32_const(BASE), (0..96).collect::<Vec<u8>>());
        data.active(0, &ConstExpr::i32_const(BASE + 96), [0; 4]);
        // Version, two segments with alignment and flags, and the symbols: data, without flags, in the first segment.
        let places: [(u8, u8); 6] = [(0, 16), (16, 16), (32, 14), (48, 16), (56, 16), (72, 24)];
        let symbols: Vec<u8> = places.iter().flat_map(|(offset, size)| [1, 0, 1, b'o', 0, *offset, *size]).collect();
        let segments = [&[2, 7][..], b".rodata", &[0, 0, 5], b".data", &[0, 0]].concat();
        let mut linking = vec![2, 5, segments.len() as u8];
        linking.extend(segments);
        linking.extend([8, symbols.len() as u8 + 1, places.len() as u8]);
        linking.extend(symbols);
        let mut names = NameMap::new();
        names.append(0, "page::first");
        names.append(1, "page::rare");
        let mut named = NameSection::new();
        named.functions(&names);
        let mut module = Module::new();
        module.section(&types).section(&functions).section(&memories).section(&code).section(&data);
        module.section(&CustomSection { name: LINKING.into(), data: linking.into() });
        for (name, section, entries) in [
            // In each body: its size, no locals, the instruction; then the address.
            (
                "reloc.CODE",
                3,
                &[(RelocationType::MemoryAddrSleb, 4, 0, 16), (RelocationType::MemoryAddrSleb, 14, 2, 0)][..],
            ),
            (
                "reloc.DATA",
                4,
                &[(RelocationType::MemoryAddrI32, 7, 1, 0), (RelocationType::MemoryAddrI32, 109, 5, 0)][..],
            ),
        ] {
            module.section(&CustomSection { name: name.into(), data: relocations(section, entries).into() });
        }
        module.section(&named);
        module.finish()
    }

    fn idle(is_first: &dyn Fn(&str) -> bool, constants: &[u32]) -> Vec<(u32, u32)> {
        let linked = Linked::read(&module()).expect("it was linked with notes");
        let idle = linked.idle(is_first, &constants.iter().copied().collect());
        idle.into_iter().map(|range| (range.start - BASE as u32, range.end - BASE as u32)).collect()
    }

    #[test]
    fn what_only_the_rest_refers_to_is_idle() {
        // Objects 3 and 4 are one, and nobody refers to it; 2 and 3 are idle together, with what lies between them.
        assert_eq!(idle(&|name| name == "page::first", &[]), [(32, 72)]);
        assert_eq!(idle(&|name| name == "page::rare", &[]), [(0, 32), (48, 72)]);
        assert_eq!(
            idle(&|_| false, &[]),
            [(0, 72)],
            "what can change is there from the beginning, and what it refers to"
        );
    }

    #[test]
    fn a_constant_stands_for_what_it_is_in_and_for_what_it_was_linked_as() {
        let at = |offset: u32| BASE as u32 + offset;
        assert_eq!(idle(&|_| false, &[at(60)]), [(0, 46)]);
        // The end of object 0 is the begin of object 1: it may be either, and object 0 refers to object 1 anyway.
        assert_eq!(idle(&|_| false, &[at(16)]), [(32, 72)]);
        assert_eq!(idle(&|_| false, &[at(20)]), [(0, 16), (32, 72)]);
        assert_eq!(idle(&|_| false, &[at(47)]), [(0, 72)], "between two objects is nothing");
    }

    #[test]
    fn what_was_not_linked_so_is_not_taken_and_the_notes_can_be_taken_out() {
        let plain = without_notes(&module()).expect("it is a module");
        assert!(Linked::read(&plain).expect_err("nothing is noted").contains("--emit-relocs"));
        assert!(plain.windows(10).any(|at| at == b"page::rare"), "the names stay");
        assert!(without_notes(b"no module").is_err());
        let linked = Linked::read(&module()).expect("it was linked with notes");
        assert!(linked.has(1_020, &[9, 9, 9, 9, 0, 1]) && !linked.has(BASE as u32, &[1, 1]));
    }
}
