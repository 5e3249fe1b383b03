//! The page's code in two: what is needed before the first step, and the rest, which comes once the page stands.
//!
//! The first module stays what it was, but for the bodies of the rest's functions. Where it still calls one of them, or the
//! table holds it, an entry stands in its place: it asks for the rest where that is not here yet, and calls it through the
//! table. The second module takes memory, tables, globals and what it calls from the first one, and puts its functions into
//! slots of the table that were added for them. Read-only data to which nothing of the first module refers comes with the second.
//! Which function is in which of the two changes nothing of what they do.

mod data;
mod first;
mod rest;
pub(crate) mod source;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;

use wasm_encoder::{GlobalType, ValType, reencode};
use wasmparser::FunctionBody;

use crate::linked::Linked;
use data::Data;
use source::{Kind, Source, constant, found_in, referred};

/// What the page's code imports to have the rest fetched: `platform/rest_of_code.rs` declares it.
const FETCH: &str = "fetchRestOfCode";
/// The module that the rest imports from.
const FIRST: &str = "first";
/// The export by which the rest says that it is here.
const IS_HERE: &str = "restIsHere";

/// A global that says yes or no, and that others set.
pub(crate) const FLAG: GlobalType = GlobalType { val_type: ValType::I32, mutable: true, shared: false };

/// Both modules, and what stands between them.
#[derive(Debug)]
pub struct Split {
    /// What is fetched before the first step.
    pub first: Vec<u8>,
    /// What comes afterwards.
    pub rest: Vec<u8>,
    /// How many functions stay.
    pub staying: usize,
    /// How many went to the rest.
    pub going: usize,
    /// How many of those the first module has an entry for.
    pub entries: usize,
    /// How many bytes of data went to the rest.
    pub data_going: usize,
}

/// Splits a module whose functions have names: those that the first step needs stay. `linked` is what it was made of.
///
/// # Errors
/// When it is no module, has no names, imports nothing that fetches the rest, has other data than what it was made of, or holds what
/// is not known here.
pub fn split(bytes: &[u8], linked: &Linked, is_first: &dyn Fn(&str) -> bool) -> Result<Split, String> {
    let source = Source::read(bytes)?;
    let plan = Plan::of(&source, linked, is_first)?;
    let first = first::encode(&source, &plan, bytes).map_err(|error| error.to_string())?;
    let rest = rest::encode(&source, &plan).map_err(|error| error.to_string())?;
    Ok(Split {
        first: first.finish(),
        rest: rest.finish(),
        staying: source.bodies.len() - plan.rest.len(),
        going: plan.rest.len(),
        entries: plan.entries.len(),
        data_going: plan.data.rest.iter().map(|(_, bytes)| bytes.len()).sum(),
    })
}

/// Which function goes where.
struct Plan {
    /// What goes to the rest.
    rest: BTreeSet<u32>,
    /// Those of it that the first module still names, each with its slot of the table, in the order of the slots.
    entries: Vec<(u32, u32)>,
    /// What the rest names of the first module, each with the name that it is exported by.
    called: BTreeMap<u32, String>,
    /// The number that each function of the first module has there.
    numbers: BTreeMap<u32, u32>,
    /// The table of functions.
    table: u32,
    /// The type of a function that takes and gives nothing.
    plain: u32,
    /// Which data comes when.
    data: Data,
}

impl Plan {
    fn of(source: &Source<'_>, linked: &Linked, is_first: &dyn Fn(&str) -> bool) -> Result<Self, String> {
        let goes = |function: &u32| source.names.get(function).is_some_and(|name| !is_first(name));
        let rest: BTreeSet<u32> = source.defined().map(|(function, _)| function).filter(goes).collect();
        let in_rest = |(function, _): &(u32, &FunctionBody<'_>)| rest.contains(function);
        let mut named = found_in(source.defined().filter(|entry| !in_rest(entry)), referred)?;
        named.extend(&source.shown);
        let table = source.table()?;
        let size = source.tables[table as usize].initial as u32;
        // Entries of one type stand side by side: what is alike compresses well.
        let mut entered: Vec<u32> = named.intersection(&rest).copied().collect();
        entered.sort_by_key(|function| source.functions[*function as usize]);
        let entries: Vec<(u32, u32)> = entered.into_iter().zip(size..).collect();
        let called = found_in(source.defined().filter(in_rest), referred)?;
        let called = called.difference(&rest).copied().zip(0..).map(|(function, number)| {
            let exported = source.exports.get(&(Kind::Function, function));
            (function, exported.cloned().unwrap_or_else(|| number.to_string()))
        });
        let called = called.collect();
        let staying = (0..source.functions.len() as u32).filter(|function| !rest.contains(function));
        let numbers = staying.chain(entries.iter().map(|(function, _)| *function)).zip(0..).collect();
        let plain = source.types.iter().position(|ty| ty.params().is_empty() && ty.results().is_empty());
        let plain = plain.ok_or("this module has no function without arguments")? as u32;
        let constants = found_in(source.defined().filter(|entry| !in_rest(entry)), constant)?;
        let data = Data::of(&source.data, linked, &linked.idle(is_first, &constants))?;
        Ok(Self { rest, entries, called, numbers, table, plain, data })
    }
}

/// What writing a part gives.
pub(crate) type Encoded<T = ()> = Result<T, reencode::Error<Infallible>>;
