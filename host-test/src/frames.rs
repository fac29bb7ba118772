//! What a module needs of its two stacks, and what it can call, computed from its code.
//!
//! WAMR's fast interpreter, the engine inside Fluent Bit, keeps the frames of a wasm call chain on an
//! operand stack of fixed size, 8 KiB unless configured; a call that does not fit is a trap, and a trap is
//! a lost record. The size of each frame is known when the module is loaded
//! (`wasm_interp_call_func_bytecode` in `wasm_interp_fast.c`, `preserve_referenced_local` in
//! `wasm_loader.c`, WAMR 2.4.1):
//!
//! ```text
//! frame = 40 bytes + 4 * (parameters + locals + distinct constants + computed operands + preserved locals + 3)
//! ```
//!
//! in cells of four bytes, 64-bit values counting two. An operand that is a local or a constant stays
//! where it is and takes no cell. A local is *preserved* by a copy when it is overwritten, or a block
//! begins, while its value is an operand; such a cell is never used twice.
//!
//! Compared with what WAMR's loader computed for every function of the module: never less, and at most eight
//! bytes more.
//!
//! The other stack lies in linear memory, holds what has an address, and overflows into a trap as well.
//! A function takes its part of it by subtracting a constant from the first global.
//!
//! Without a cycle in the call graph, the longest path is the most that any input can make a call use.

use std::collections::{BTreeMap, BTreeSet};

use wasmparser::{
    CompositeInnerType, ElementItems, ExternalKind, FuncType, FuncValidator, FuncValidatorAllocations,
    FunctionBody, Operator, Parser, Payload, TypeRef, ValType, ValidPayload, Validator, ValidatorResources,
    WasmFeatures,
};

use crate::Error;

/// Bytes of a frame before its cells: five fields of the frame structure on a 64-bit host.
const FRAME_HEADER: usize = 40;

/// Cells beyond those that are counted: the one that the loader adds, and the two that it does not get
/// back when the first operand of a function is popped.
const SLACK: usize = 3;

/// The call graph of a module, with the frame of each function.
#[derive(Debug, Clone)]
pub struct CallGraph {
    functions: Vec<Function>,
    exports: BTreeMap<String, u32>,
}

/// One function of the module.
#[derive(Debug, Clone, Default)]
struct Function {
    /// From the name section, if there is one.
    name: Option<String>,
    operand_bytes: usize,
    memory_bytes: usize,
    callees: BTreeSet<u32>,
}

/// One of the two stacks of a module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stack {
    /// The engine's, of which Fluent Bit gives 8 KiB.
    Operands,
    /// The one in linear memory, sized when the module is linked.
    Memory,
}

/// The chain of calls that needs the most of a stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LongestPath {
    /// The sum of its frames.
    pub bytes: usize,
    /// Its functions from the export on, each with the bytes of its frame.
    pub functions: Vec<(String, usize)>,
}

impl CallGraph {
    /// Reads the graph of the module in `bytes`.
    ///
    /// An indirect call counts as a call of every table function of its type.
    ///
    /// # Errors
    ///
    /// The module is not valid.
    pub fn read(bytes: &[u8], features: WasmFeatures) -> Result<Self, Error> {
        let mut reader = Reader::default();
        let mut validator = Validator::new_with_features(features);
        let mut bodies = Vec::new();
        for payload in Parser::new(0).parse_all(bytes) {
            let payload = payload?;
            if let ValidPayload::Func(function, body) = validator.payload(&payload)? {
                bodies.push((function, body));
            }
            reader.section(payload)?;
        }
        let mut allocations = FuncValidatorAllocations::default();
        for (to_validate, body) in bodies {
            let index = to_validate.index;
            let mut body_validator = to_validate.into_validator(allocations);
            let measured = Measured::of(&mut body_validator, &body)?;
            allocations = body_validator.into_allocations();
            let mut callees = measured.callees;
            for type_index in measured.indirect_types {
                callees.extend(reader.table_functions_of_type(type_index));
            }
            if let Some(function) = reader.functions.get_mut(index as usize) {
                function.callees = callees;
                function.operand_bytes = FRAME_HEADER + 4 * measured.cells;
                function.memory_bytes = measured.memory_bytes;
            }
        }
        Ok(CallGraph { functions: reader.functions, exports: reader.exports })
    }

    /// The longest path from an exported function; functions that are `exempt`, by name, and what they call
    /// left out.
    ///
    /// # Errors
    ///
    /// There is no such export, or a cycle can be reached from it: no bound exists. The message names the
    /// cycle.
    pub fn longest_path(
        &self,
        export: &str,
        stack: Stack,
        exempt: impl Fn(&str) -> bool,
    ) -> Result<LongestPath, Error> {
        let &start = self
            .exports
            .get(export)
            .ok_or_else(|| Error::new(format!("`{export}` is not an exported function")))?;
        // Depth first with an own stack: callees are finished before their callers, so that a finished
        // function knows its longest path. A callee that is unfinished but begun closes a cycle.
        let mut finished: BTreeMap<u32, (usize, Option<u32>)> = BTreeMap::new();
        for function in (0..).take(self.functions.len()) {
            if exempt(&self.name(function)) {
                finished.insert(function, (0, None));
            }
        }
        let mut path: Vec<(u32, Vec<u32>)> = vec![(start, self.callees(start))];
        while let Some((function, rest)) = path.last_mut() {
            let function = *function;
            let Some(callee) = rest.pop() else {
                let deepest = self
                    .callees(function)
                    .into_iter()
                    .filter_map(|callee| finished.get(&callee).map(|&(bytes, _)| (bytes, callee)))
                    .max();
                let below = deepest.map_or(0, |(bytes, _)| bytes);
                let own = self.bytes(function, stack);
                finished.insert(function, (own + below, deepest.map(|(_, callee)| callee)));
                path.pop();
                continue;
            };
            if finished.contains_key(&callee) {
                continue;
            }
            if let Some(begun) = path.iter().position(|&(function, _)| function == callee) {
                let cycle: Vec<String> =
                    path.iter().skip(begun).map(|&(function, _)| self.name(function)).collect();
                return Err(Error::new(format!("a call cycle can be reached: {}", cycle.join(" -> "))));
            }
            path.push((callee, self.callees(callee)));
        }
        let mut functions = Vec::new();
        let mut next = Some(start);
        while let Some(function) = next {
            functions.push((self.name(function), self.bytes(function, stack)));
            next = finished.get(&function).and_then(|&(_, callee)| callee);
        }
        Ok(LongestPath { bytes: finished.get(&start).map_or(0, |&(bytes, _)| bytes), functions })
    }

    /// The calls by which a function that is `wanted` can be reached, nearest first, each as
    /// `caller -> callee`; those that are `exempt` and what they call left out.
    ///
    /// Both are asked by name: a module without names has no answer.
    pub fn calls_towards(&self, wanted: impl Fn(&str) -> bool, exempt: impl Fn(&str) -> bool) -> Vec<String> {
        let names: Vec<String> = (0..).map(|index| self.name(index)).take(self.functions.len()).collect();
        let reached = self.reached(&exempt);
        let mut found: Vec<(u32, &String)> = (0..).zip(&names).filter(|(_, name)| wanted(name)).collect();
        let mut calls = Vec::new();
        let mut next = 0;
        while let Some(&(callee, callee_name)) = found.get(next) {
            next += 1;
            for ((caller, caller_name), function) in (0..).zip(&names).zip(&self.functions) {
                if function.callees.contains(&callee) && !wanted(caller_name) && reached.contains(&caller) {
                    calls.push(format!("{caller_name} -> {callee_name}"));
                    if !found.iter().any(|&(known, _)| known == caller) {
                        found.push((caller, caller_name));
                    }
                }
            }
        }
        calls
    }

    /// The functions that exports lead to without a call of one that is `exempt`.
    fn reached(&self, exempt: impl Fn(&str) -> bool) -> BTreeSet<u32> {
        let mut open: Vec<u32> = self.exports.values().copied().collect();
        let mut reached = BTreeSet::new();
        while let Some(function) = open.pop() {
            if !exempt(&self.name(function)) && reached.insert(function) {
                open.extend(self.callees(function));
            }
        }
        reached
    }

    /// Whether the module says what its functions are called.
    pub fn has_names(&self) -> bool {
        self.functions.iter().any(|function| function.name.is_some())
    }

    fn bytes(&self, function: u32, stack: Stack) -> usize {
        self.functions.get(function as usize).map_or(0, |function| match stack {
            Stack::Operands => function.operand_bytes,
            Stack::Memory => function.memory_bytes,
        })
    }

    fn callees(&self, function: u32) -> Vec<u32> {
        self.functions.get(function as usize).map(|f| f.callees.iter().copied().collect()).unwrap_or_default()
    }

    fn name(&self, function: u32) -> String {
        let named = self.functions.get(function as usize).and_then(|function| function.name.clone());
        let exported =
            || self.exports.iter().find(|&(_, &index)| index == function).map(|(name, _)| name.clone());
        named.or_else(exported).unwrap_or_else(|| format!("function {function}"))
    }
}

/// What the sections before the code say.
#[derive(Default)]
struct Reader {
    types: Vec<Option<FuncType>>,
    type_of_function: Vec<u32>,
    functions: Vec<Function>,
    exports: BTreeMap<String, u32>,
    /// Functions that an indirect call may reach.
    in_tables: BTreeSet<u32>,
}

impl Reader {
    fn section(&mut self, payload: Payload<'_>) -> Result<(), Error> {
        match payload {
            Payload::TypeSection(section) => {
                for group in section {
                    for sub_type in group?.into_types() {
                        self.types.push(match sub_type.composite_type.inner {
                            CompositeInnerType::Func(function) => Some(function),
                            _ => None,
                        });
                    }
                }
            }
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    let import = import?;
                    if let TypeRef::Func(index) = import.ty {
                        self.function(index, Some(format!("{}.{}", import.module, import.name)));
                    }
                }
            }
            Payload::FunctionSection(section) => {
                for index in section {
                    self.function(index?, None);
                }
            }
            Payload::ExportSection(section) => {
                for export in section {
                    let export = export?;
                    if export.kind == ExternalKind::Func {
                        self.exports.insert(export.name.to_owned(), export.index);
                    }
                }
            }
            Payload::ElementSection(section) => {
                for element in section {
                    match element?.items {
                        ElementItems::Functions(indexes) => {
                            for index in indexes {
                                self.in_tables.insert(index?);
                            }
                        }
                        ElementItems::Expressions(_, expressions) => {
                            for expression in expressions {
                                for operator in expression?.get_operators_reader() {
                                    if let Operator::RefFunc { function_index } = operator? {
                                        self.in_tables.insert(function_index);
                                    }
                                }
                            }
                        }
                    }
                }
            }
            Payload::CustomSection(section) => {
                if let wasmparser::KnownCustom::Name(names) = section.as_known() {
                    self.names(names);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn function(&mut self, type_index: u32, name: Option<String>) {
        self.type_of_function.push(type_index);
        // An import is no wasm code, but the engine makes a frame for its arguments.
        let cells = match name {
            Some(_) => self.types.get(type_index as usize).into_iter().flatten().map(parameter_cells).sum(),
            None => 0,
        };
        let operand_bytes = FRAME_HEADER + 4 * cells;
        self.functions.push(Function { name, operand_bytes, ..Function::default() });
    }

    /// Names are a help to the reader of a failure; a module whose names cannot be read has none.
    fn names(&mut self, names: wasmparser::NameSectionReader<'_>) {
        for subsection in names.into_iter().flatten() {
            if let wasmparser::Name::Function(map) = subsection {
                for naming in map.into_iter().flatten() {
                    if let Some(function) = self.functions.get_mut(naming.index as usize) {
                        function.name = Some(naming.name.to_owned());
                    }
                }
            }
        }
    }

    /// Types are compared by structure, as the engine does.
    fn table_functions_of_type(&self, type_index: u32) -> impl Iterator<Item = u32> {
        let wanted = self.types.get(type_index as usize);
        self.in_tables.iter().copied().filter(move |&function| {
            let found = self.type_of_function.get(function as usize);
            found.and_then(|&index| self.types.get(index as usize)) == wanted
        })
    }
}

/// What lies on the operand stack.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Operand {
    /// The value of this local, in the local's cells.
    Local(u32),
    /// A constant, or the copy of a local: in cells of their own.
    Elsewhere,
    /// Anything that was computed, in cells of the operand stack.
    Computed,
}

/// What is counted in one function.
#[derive(Default)]
struct Measured {
    cells: usize,
    memory_bytes: usize,
    callees: BTreeSet<u32>,
    indirect_types: BTreeSet<u32>,
}

impl Measured {
    fn of(validator: &mut FuncValidator<ValidatorResources>, body: &FunctionBody<'_>) -> Result<Self, Error> {
        let mut measured = Measured::default();
        let mut locals_reader = body.get_binary_reader();
        validator.read_locals(&mut locals_reader)?;
        let locals =
            (0..validator.len_locals()).map(|local| cells(validator.get_local_type(local))).sum::<usize>();

        let (mut constants32, mut constants64) = (BTreeSet::new(), BTreeSet::new());
        let (mut deepest, mut preserved) = (0, 0);
        let mut stack: Vec<Operand> = Vec::new();
        let mut last_operators = [Operator::Nop, Operator::Nop];
        let mut operators = body.get_operators_reader()?;
        while !operators.eof() {
            let (operator, offset) = operators.read_with_offset()?;
            let (pops, pushes) = operator.operator_arity(validator).unwrap_or((0, 0));
            match operator {
                Operator::I32Const { value } => drop(constants32.insert(value.cast_unsigned())),
                Operator::F32Const { value } => drop(constants32.insert(value.bits())),
                Operator::I64Const { value } => drop(constants64.insert(value.cast_unsigned())),
                Operator::F64Const { value } => drop(constants64.insert(value.bits())),
                Operator::Call { function_index } | Operator::ReturnCall { function_index } => {
                    measured.callees.insert(function_index);
                }
                Operator::CallIndirect { type_index, .. }
                | Operator::ReturnCallIndirect { type_index, .. } => {
                    measured.indirect_types.insert(type_index);
                }
                Operator::I32Sub => {
                    // How every function begins that needs memory for its locals.
                    if let [Operator::GlobalGet { global_index: 0 }, Operator::I32Const { value }] =
                        last_operators
                    {
                        measured.memory_bytes += value.cast_unsigned() as usize;
                    }
                }
                _ => {}
            }
            validator.op(offset, &operator)?;

            stack.truncate(stack.len().saturating_sub(pops as usize));
            let overwritten = match operator {
                Operator::LocalSet { local_index } | Operator::LocalTee { local_index } => Some(local_index),
                _ => None,
            };
            let begins_block =
                matches!(operator, Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. });
            let mut copied = BTreeSet::new();
            for operand in &mut stack {
                if let Operand::Local(local) = *operand
                    && (begins_block || overwritten == Some(local))
                {
                    copied.insert(local);
                    *operand = Operand::Elsewhere;
                }
            }
            preserved +=
                copied.into_iter().map(|local| cells(validator.get_local_type(local))).sum::<usize>();
            let pushed = match operator {
                Operator::LocalGet { local_index } => Operand::Local(local_index),
                Operator::I32Const { .. }
                | Operator::I64Const { .. }
                | Operator::F32Const { .. }
                | Operator::F64Const { .. } => Operand::Elsewhere,
                _ => Operand::Computed,
            };
            stack.extend((0..pushes).map(|_| pushed));
            let [_, last] = last_operators;
            last_operators = [last, operator];
            // In code that cannot be reached the arity does not tell the height.
            stack.resize(validator.operand_stack_height() as usize, Operand::Computed);

            let height = (0..)
                .zip(stack.iter().rev())
                .filter(|&(_, &operand)| operand == Operand::Computed)
                .map(|(depth, _)| cells(validator.get_operand_type(depth).flatten()))
                .sum::<usize>();
            deepest = deepest.max(height);
        }
        measured.cells = locals + constants32.len() + 2 * constants64.len() + deepest + preserved + SLACK;
        Ok(measured)
    }
}

fn parameter_cells(function: &FuncType) -> usize {
    function.params().iter().map(|&value| cells(Some(value))).sum::<usize>().max(2)
}

/// Four-byte cells of a value; of an unknown one, the most.
fn cells(value: Option<ValType>) -> usize {
    match value {
        Some(ValType::I32 | ValType::F32 | ValType::Ref(_)) => 1,
        Some(ValType::I64 | ValType::F64) | None => 2,
        Some(ValType::V128) => 4,
    }
}

#[cfg(test)]
mod tests {
    use super::{CallGraph, Stack};
    use auditveil_bake::FLUENT_BIT_FEATURES;

    fn graph(text: &str) -> CallGraph {
        CallGraph::read(&wat::parse_str(text).unwrap(), FLUENT_BIT_FEATURES).unwrap()
    }

    /// A function without anything in it.
    const EMPTY: usize = 40 + 4 * 3;

    fn operands(text: &str) -> usize {
        graph(text).longest_path("f", Stack::Operands, |_| false).unwrap().bytes
    }

    #[test]
    fn a_frame_counts_its_cells() {
        assert_eq!(operands(r#"(func (export "f"))"#), EMPTY);
        // A parameter, a local of two cells, two distinct constants, one sum that waits for another.
        let body = "i32.const 7 i32.const 7 i32.add i32.const 8 local.get 0 i32.add i32.add drop";
        assert_eq!(
            operands(&format!(r#"(func (export "f") (param i32) (local i64) {body})"#)),
            EMPTY + 4 * (1 + 2 + 2 + 2)
        );
    }

    #[test]
    fn an_overwritten_local_is_preserved() {
        let plain = r#"(func (export "f") (param i64) local.get 0 drop)"#;
        let overwritten = r#"(func (export "f") (param i64) local.get 0 local.get 0 local.set 0 drop)"#;
        assert_eq!(operands(overwritten), operands(plain) + 4 * 2);
        let block = r#"(func (export "f") (param i64) local.get 0 (block) drop)"#;
        assert_eq!(operands(block), operands(plain) + 4 * 2);
    }

    #[test]
    fn the_longest_path_is_by_bytes() {
        let graph = graph(
            r#"(func $small (call $leaf)) (func $leaf)
               (func $large (local i64 i64 i64 i64 i64 i64 i64 i64))
               (func $root (export "f") (call $small) (call $large))"#,
        );
        let path = graph.longest_path("f", Stack::Operands, |_| false).unwrap();
        assert_eq!(path.bytes, EMPTY + EMPTY + 64);
        assert_eq!(path.functions, [("root".to_owned(), EMPTY), ("large".to_owned(), EMPTY + 64)]);
    }

    #[test]
    fn memory_is_what_is_taken_from_the_first_global() {
        let graph = graph(
            r#"(global $stack (mut i32) (i32.const 65536))
               (func $leaf (local i32)
                 global.get $stack i32.const 48 i32.sub local.tee 0 global.set $stack)
               (func (export "f") (local i32)
                 global.get $stack i32.const 16 i32.sub local.tee 0 global.set $stack
                 call $leaf)"#,
        );
        assert_eq!(graph.longest_path("f", Stack::Memory, |_| false).unwrap().bytes, 64);
    }

    #[test]
    fn cycles_have_no_bound() {
        let direct = graph(r#"(func $a (export "f") (call $b)) (func $b (call $a))"#);
        let error = direct.longest_path("f", Stack::Operands, |_| false).unwrap_err().to_string();
        assert!(error.ends_with("a -> b"), "{error}");

        let indirect = |called: &str| {
            graph(&format!(
                r#"(type $t (func (param i32))) (type $u (func))
                   (table 2 funcref) (elem (i32.const 0) $f $g)
                   (func $f (export "f") (type $t) {called}) (func $g (type $u))"#
            ))
        };
        assert!(
            indirect("i32.const 0 call_indirect (type $u)")
                .longest_path("f", Stack::Operands, |_| false)
                .is_ok()
        );
        let itself = indirect("i32.const 0 i32.const 0 call_indirect (type $t)");
        assert!(itself.longest_path("f", Stack::Operands, |_| false).is_err());
    }

    #[test]
    fn a_cycle_that_cannot_be_reached_does_not_count() {
        let graph = graph(r#"(func $a (call $a)) (func (export "f"))"#);
        assert!(graph.longest_path("f", Stack::Operands, |_| false).is_ok());
        assert!(graph.longest_path("a", Stack::Operands, |_| false).is_err(), "not exported");
    }

    #[test]
    fn callers_are_found_through_others() {
        let graph = graph(
            r#"(func $panic) (func $checked (call $panic)) (func $allocator (call $panic))
               (func $uses_both (call $checked) (call $allocator)) (func $uses_allocator (call $allocator))
               (func $unused (call $panic))
               (func (export "f") (call $uses_both) (call $uses_allocator))"#,
        );
        assert!(graph.has_names());
        let found = graph.calls_towards(|name| name == "panic", |name| name == "allocator");
        assert_eq!(found, ["checked -> panic", "uses_both -> checked", "f -> uses_both"]);
    }
}
