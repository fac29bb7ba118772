//! From tokens to events: the grammar of YAML 1.1, with a stack of states in place of recursion.

use super::scan::{Kind, Scanner, Token};
use crate::document::error::{Code, Error};
use crate::document::tree::Place;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Event {
    Alias(String),
    Scalar { text: String, plain: bool, properties: Properties },
    SequenceStart(Properties),
    MappingStart(Properties),
    End,
}

/// What stands before a node.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Properties {
    pub(super) anchor: Option<String>,
    /// The full tag.
    pub(super) tag: Option<String>,
}

/// What comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    DocumentStart,
    DocumentContent,
    DocumentEnd,
    BlockNode,
    BlockSequence,
    IndentlessSequence,
    BlockKey,
    BlockValue,
    FlowSequence { first: bool },
    FlowPairKey,
    FlowPairValue,
    FlowPairEnd,
    FlowKey { first: bool },
    FlowValue,
    FlowNoValue,
}

/// Where a node stands decides what it can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Position {
    Flow,
    Block,
    /// A value of a block mapping, where a list need not be indented.
    BlockValue,
}

pub(super) struct Parser<'a> {
    scanner: Scanner<'a>,
    state: State,
    states: Vec<State>,
    tags: Vec<(String, String)>,
}

impl<'a> Parser<'a> {
    pub(super) fn new(text: &'a str) -> Parser<'a> {
        Parser {
            scanner: Scanner::new(text),
            state: State::DocumentStart,
            states: Vec::new(),
            tags: Vec::new(),
        }
    }

    /// The next event of the first document; none where it ends.
    pub(super) fn next(&mut self) -> Result<Option<(Event, Place)>, Error> {
        if self.state == State::DocumentStart && !self.start_document()? {
            return Ok(None);
        }
        let event = match self.state {
            State::DocumentStart => return Ok(None),
            State::DocumentEnd => {
                // What stands behind the document is not read, but the first token of it is.
                self.scanner.peek()?;
                return Ok(None);
            }
            State::DocumentContent => match self.scanner.peek()?.kind {
                Kind::Version { .. }
                | Kind::TagDirective { .. }
                | Kind::DocumentStart
                | Kind::DocumentEnd
                | Kind::StreamEnd => {
                    self.pop();
                    self.empty()
                }
                _ => self.node(Position::Block),
            },
            State::BlockNode => self.node(Position::Block),
            State::BlockSequence => self.block_sequence(),
            State::IndentlessSequence => self.indentless_sequence(),
            State::BlockKey => self.block_key(),
            State::BlockValue => self.block_value(),
            State::FlowSequence { first } => self.flow_sequence(first),
            State::FlowPairKey => self.flow_pair_key(),
            State::FlowPairValue => self.flow_pair_value(),
            State::FlowPairEnd => {
                self.state = State::FlowSequence { first: false };
                let place = self.scanner.peek()?.start.place();
                Ok((Event::End, place))
            }
            State::FlowKey { first } => self.flow_key(first),
            State::FlowValue => self.flow_value(),
            State::FlowNoValue => {
                self.state = State::FlowKey { first: false };
                self.empty()
            }
        };
        event.map(Some)
    }

    fn pop(&mut self) {
        self.state = self.states.pop().unwrap_or(State::DocumentEnd);
    }

    fn is(&mut self, kinds: &[Kind]) -> Result<bool, Error> {
        let token = self.scanner.peek()?;
        Ok(kinds.contains(&token.kind))
    }

    /// Takes the next token if it is of a kind.
    fn take(&mut self, kind: &Kind) -> Result<Option<Token>, Error> {
        if self.scanner.peek()?.kind == *kind { Ok(self.scanner.take()) } else { Ok(None) }
    }

    fn empty(&mut self) -> Result<(Event, Place), Error> {
        let place = self.scanner.peek()?.start.place();
        Ok((Event::Scalar { text: String::new(), plain: true, properties: Properties::default() }, place))
    }

    #[cold]
    fn unexpected(&mut self, problem: &str) -> Error {
        match self.scanner.peek() {
            Ok(token) => Error::new(token.start.to(token.end), Code::from(problem)),
            Err(error) => error,
        }
    }

    /// `false` where the text has no document at all.
    fn start_document(&mut self) -> Result<bool, Error> {
        match self.scanner.peek()?.kind {
            Kind::StreamEnd => return Ok(false),
            Kind::Version { .. } | Kind::TagDirective { .. } | Kind::DocumentStart => {
                let mut version = false;
                loop {
                    let token = self.scanner.peek()?;
                    let place = token.start.to(token.end);
                    match token.kind {
                        Kind::Version { .. } if version => {
                            return Err(Error::new(
                                place,
                                Code::from("expected one `%YAML`, found a second one"),
                            ));
                        }
                        Kind::Version { known: false } => return Err(Error::new(place, Code::YamlVersion)),
                        Kind::Version { known: true } => version = true,
                        Kind::TagDirective { .. } => {}
                        _ => break,
                    }
                    if let Some(Token { kind: Kind::TagDirective { handle, prefix }, .. }) =
                        self.scanner.take()
                    {
                        if self.tags.iter().any(|(known, _)| *known == handle) {
                            return Err(Error::new(
                                place,
                                Code::from("expected one `%TAG` for a handle, found two"),
                            ));
                        }
                        self.tags.push((handle, prefix));
                    }
                }
                if self.take(&Kind::DocumentStart)?.is_none() {
                    return Err(self.unexpected("expected `---` behind the directives"));
                }
                self.state = State::DocumentContent;
            }
            _ => self.state = State::BlockNode,
        }
        for (handle, prefix) in [("!", "!"), ("!!", "tag:yaml.org,2002:")] {
            if self.tags.iter().all(|(known, _)| known != handle) {
                self.tags.push((handle.into(), prefix.into()));
            }
        }
        self.states.push(State::DocumentEnd);
        Ok(true)
    }

    fn node(&mut self, position: Position) -> Result<(Event, Place), Error> {
        let first = self.scanner.peek()?;
        let start = first.start;
        if matches!(first.kind, Kind::Alias(_)) {
            self.pop();
            if let Some(Token { kind: Kind::Alias(name), end, .. }) = self.scanner.take() {
                return Ok((Event::Alias(name), start.to(end)));
            }
        }
        let properties = self.properties()?;
        let token = self.scanner.peek()?;
        let here = token.start.to(token.end);
        let event = match token.kind {
            Kind::BlockEntry if position == Position::BlockValue => {
                self.state = State::IndentlessSequence;
                Event::SequenceStart(properties)
            }
            Kind::Scalar { .. } => {
                self.pop();
                let Some(Token { kind: Kind::Scalar { text, plain }, .. }) = self.scanner.take() else {
                    return Err(self.unexpected("expected a value"));
                };
                Event::Scalar { text, plain, properties }
            }
            Kind::FlowSequenceStart => {
                self.scanner.take();
                self.state = State::FlowSequence { first: true };
                Event::SequenceStart(properties)
            }
            Kind::FlowMappingStart => {
                self.scanner.take();
                self.state = State::FlowKey { first: true };
                Event::MappingStart(properties)
            }
            Kind::BlockSequenceStart if position != Position::Flow => {
                self.scanner.take();
                self.state = State::BlockSequence;
                Event::SequenceStart(properties)
            }
            Kind::BlockMappingStart if position != Position::Flow => {
                self.scanner.take();
                self.state = State::BlockKey;
                Event::MappingStart(properties)
            }
            _ if properties != Properties::default() => {
                self.pop();
                let plain = properties.tag.is_none();
                return Ok((Event::Scalar { text: String::new(), plain, properties }, start.place()));
            }
            _ => return Err(self.unexpected("expected a value")),
        };
        Ok((event, here))
    }

    /// An anchor and a tag, in either order.
    fn properties(&mut self) -> Result<Properties, Error> {
        let mut properties = Properties::default();
        for _ in 0..2 {
            let place = self.scanner.peek()?.start.place();
            match &self.scanner.peek()?.kind {
                Kind::Anchor(name) if properties.anchor.is_none() => properties.anchor = Some(name.clone()),
                Kind::Tag { handle, suffix } if properties.tag.is_none() => {
                    let tag = if handle.is_empty() {
                        suffix.clone()
                    } else {
                        let Some((_, prefix)) = self.tags.iter().find(|(known, _)| known == handle) else {
                            return Err(Error::new(
                                place,
                                Code::from("expected a tag whose handle is declared"),
                            ));
                        };
                        format!("{prefix}{suffix}")
                    };
                    properties.tag = Some(tag);
                }
                _ => break,
            }
            self.scanner.take();
        }
        Ok(properties)
    }

    fn block_sequence(&mut self) -> Result<(Event, Place), Error> {
        if self.take(&Kind::BlockEntry)?.is_some() {
            return self.node_unless(
                &[Kind::BlockEntry, Kind::BlockEnd],
                State::BlockSequence,
                Position::Block,
            );
        }
        self.end(&Kind::BlockEnd, "expected `-`, or the end of the list: is the line indented as the others?")
    }

    fn indentless_sequence(&mut self) -> Result<(Event, Place), Error> {
        if self.take(&Kind::BlockEntry)?.is_some() {
            let ends = [Kind::BlockEntry, Kind::Key, Kind::Value, Kind::BlockEnd];
            return self.node_unless(&ends, State::IndentlessSequence, Position::Block);
        }
        self.pop();
        let place = self.scanner.peek()?.start.place();
        Ok((Event::End, place))
    }

    fn block_key(&mut self) -> Result<(Event, Place), Error> {
        if self.take(&Kind::Key)?.is_some() {
            return self.node_unless(BLOCK_ENDS, State::BlockValue, Position::BlockValue);
        }
        self.end(
            &Kind::BlockEnd,
            "expected a key, or the end of the mapping: is the line indented as the others?",
        )
    }

    fn block_value(&mut self) -> Result<(Event, Place), Error> {
        if self.take(&Kind::Value)?.is_some() {
            return self.node_unless(BLOCK_ENDS, State::BlockKey, Position::BlockValue);
        }
        self.state = State::BlockKey;
        self.empty()
    }

    /// A node, or an empty one where a token says that there is none.
    fn node_unless(
        &mut self,
        ends: &[Kind],
        next: State,
        position: Position,
    ) -> Result<(Event, Place), Error> {
        if self.is(ends)? {
            self.state = next;
            return self.empty();
        }
        self.states.push(next);
        self.node(position)
    }

    fn end(&mut self, kind: &Kind, problem: &str) -> Result<(Event, Place), Error> {
        match self.take(kind)? {
            Some(token) => {
                self.pop();
                Ok((Event::End, token.start.place()))
            }
            None => Err(self.unexpected(problem)),
        }
    }

    fn flow_sequence(&mut self, first: bool) -> Result<(Event, Place), Error> {
        const END: &Kind = &Kind::FlowSequenceEnd;
        if self.scanner.peek()?.kind != *END {
            if !first && self.take(&Kind::FlowEntry)?.is_none() {
                return Err(self.unexpected("expected `,` or `]`"));
            }
            if let Some(token) = self.take(&Kind::Key)? {
                self.state = State::FlowPairKey;
                return Ok((Event::MappingStart(Properties::default()), token.start.place()));
            }
            if self.scanner.peek()?.kind != *END {
                self.states.push(State::FlowSequence { first: false });
                return self.node(Position::Flow);
            }
        }
        self.end(END, "expected `]`")
    }

    fn flow_pair_key(&mut self) -> Result<(Event, Place), Error> {
        let ends = [Kind::Value, Kind::FlowEntry, Kind::FlowSequenceEnd];
        if self.is(&ends)? {
            // libyaml goes over the token too; what it then finds is an error, as it is here.
            self.state = State::FlowPairValue;
            return self.empty();
        }
        self.states.push(State::FlowPairValue);
        self.node(Position::Flow)
    }

    fn flow_pair_value(&mut self) -> Result<(Event, Place), Error> {
        if self.take(&Kind::Value)?.is_some() {
            return self.node_unless(
                &[Kind::FlowEntry, Kind::FlowSequenceEnd],
                State::FlowPairEnd,
                Position::Flow,
            );
        }
        self.state = State::FlowPairEnd;
        self.empty()
    }

    fn flow_key(&mut self, first: bool) -> Result<(Event, Place), Error> {
        const END: &Kind = &Kind::FlowMappingEnd;
        if self.scanner.peek()?.kind != *END {
            if !first && self.take(&Kind::FlowEntry)?.is_none() {
                return Err(self.unexpected("expected `,` or `}`"));
            }
            if self.take(&Kind::Key)?.is_some() {
                let ends = [Kind::Value, Kind::FlowEntry, Kind::FlowMappingEnd];
                return self.node_unless(&ends, State::FlowValue, Position::Flow);
            }
            if self.scanner.peek()?.kind != *END {
                self.states.push(State::FlowNoValue);
                return self.node(Position::Flow);
            }
        }
        self.end(END, "expected `}`")
    }

    fn flow_value(&mut self) -> Result<(Event, Place), Error> {
        if self.take(&Kind::Value)?.is_some() {
            let ends = [Kind::FlowEntry, Kind::FlowMappingEnd];
            return self.node_unless(&ends, State::FlowKey { first: false }, Position::Flow);
        }
        self.state = State::FlowKey { first: false };
        self.empty()
    }
}

const BLOCK_ENDS: &[Kind] = &[Kind::Key, Kind::Value, Kind::BlockEnd];
