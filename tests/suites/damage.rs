//! Every case again, damaged: cut anywhere, and with bytes changed. What is true of every answer
//! stays true, and what a cut leaves holds no needle.
//!
//! The damage is drawn from a fixed seed: what fails once fails again.

mod configured;

use auditveil_core::Filter;
use auditveil_tests::{Case, Error, Input, load, msgpack, same_event, well_formed};
use memchr::memmem;

/// Longer records are left out: each is damaged many times.
const LONGEST: usize = 3000;

/// At most this many findings are told.
const TOLD: usize = 10;

/// Cases whose changed bytes are known to break a promise, and why. Who mends it takes the line out: a case
/// that has nothing wrong any more fails too.
const OPEN: [(&str, &str); 0] = [];

fn lines() -> Result<Vec<Case>, Error> {
    let mut cases = load()?;
    cases.retain(|case| matches!(&case.input, Input::Text(text) if text.len() <= LONGEST));
    Ok(cases)
}

fn run(filter: &mut Filter, record: &[u8]) -> Vec<u8> {
    let mut answer = Vec::new();
    filter.process(record, &mut answer);
    answer
}

/// Holds the answer to a line to what is true of every answer, and returns it. `wrap`: the line is no
/// envelope itself, and gives the same event in one.
fn sound(filter: &mut Filter, line: &[u8], wrap: bool) -> Result<Vec<u8>, Error> {
    let answer = run(filter, line);
    if answer.is_empty() {
        let packed = if wrap { run(filter, &msgpack::log_record(line)) } else { Vec::new() };
        return if packed.is_empty() { Ok(answer) } else { Err(Error::new("dropped, but not in msgpack")) };
    }
    let event = well_formed(&answer)?;
    if run(filter, &answer) != answer {
        return Err(Error::new("a second pass changed the answer"));
    }
    // A stub tells the length of the record, which is another in another envelope.
    if wrap && !event.contains("\"stub\":") {
        let packed = msgpack::read_answer(&run(filter, &msgpack::log_record(line)))?;
        let packed = packed.ok_or_else(|| Error::new("dropped in msgpack"))?;
        same_event(event, &packed).map_err(|error| error.at("in msgpack"))?;
    }
    Ok(answer)
}

fn wrap(case: &Case) -> bool {
    !case.name.starts_with("envelope/")
}

fn report(findings: &[String]) -> Result<(), Error> {
    if findings.is_empty() {
        return Ok(());
    }
    let told: Vec<&str> = findings.iter().take(TOLD).map(String::as_str).collect();
    Err(Error::new(format!("{} findings, the first of them:\n{}", findings.len(), told.join("\n"))))
}

fn finding(case: &Case, line: &[u8], error: &Error) -> String {
    format!("{}: {error}\n  {}", case.name, line.escape_ascii().to_string().replace("\\\"", "\""))
}

#[test]
fn cut_anywhere() -> Result<(), Error> {
    let mut findings = Vec::new();
    for (number, case) in lines()?.iter().enumerate() {
        let mut filter = configured::filter(case);
        // Each case is cut at other places, all of them together everywhere. One finding a case will do.
        let told = findings.len();
        for length in (number % 16..case.record().len()).step_by(16) {
            let line = case.record().get(..length).unwrap_or_default();
            if begins_as_msgpack(line) || findings.len() > told {
                continue;
            }
            match sound(&mut filter, line, wrap(case)) {
                Err(error) => findings.push(finding(case, line, &error)),
                Ok(answer) => {
                    let left =
                        case.absent.iter().find(|needle| memmem::find(&answer, needle.as_bytes()).is_some());
                    if let Some(needle) = left {
                        findings.push(finding(case, line, &Error::new(format!("still there: {needle}"))));
                    }
                }
            }
        }
    }
    report(&findings)
}

#[test]
fn bytes_changed() -> Result<(), Error> {
    let mut findings = Vec::new();
    for case in &lines()? {
        let mut dice = Dice::of(&case.name);
        let mut filter = configured::filter(case);
        let told = findings.len();
        for _ in 0..48 {
            let mut line = case.record().to_vec();
            for _ in 0..=dice.below(2) {
                damage(&mut line, &mut dice);
            }
            if begins_as_msgpack(&line) {
                continue;
            }
            if let Err(error) = sound(&mut filter, &line, wrap(case))
                && findings.len() == told
            {
                findings.push(finding(case, &line, &error));
            }
        }
        if OPEN.iter().any(|(name, _)| *name == case.name) {
            match findings.len() > told {
                true => findings.truncate(told),
                false => findings.push(format!("{}: mended, take it out of OPEN", case.name)),
            }
        }
    }
    report(&findings)
}

/// A record that begins so is no line of text to the filter.
fn begins_as_msgpack(line: &[u8]) -> bool {
    line.first().is_some_and(|first| *first >= 0x80)
}

/// Bytes that mean something to JSON, and some that are never right.
const TELLING: &[u8] = b"\"\"\"{}[],:\\\\/ \n\0\x1f\xff\x80\xc3\xed0-eEudata";

/// One change: a byte replaced, inserted or removed, a stretch copied or lost, or two bytes swapped.
fn damage(line: &mut Vec<u8>, dice: &mut Dice) {
    if line.is_empty() {
        return;
    }
    let at = dice.below(line.len());
    let telling = TELLING.get(dice.below(TELLING.len())).copied().unwrap_or_default();
    let end = (at + dice.below(40)).min(line.len());
    match dice.below(6) {
        0 => line.splice(at..=at, [telling]).for_each(drop),
        1 => line.insert(at, telling),
        2 => drop(line.remove(at)),
        3 => {
            let stretch = line.get(at..end).unwrap_or_default().to_vec();
            let to = dice.below(line.len());
            line.splice(to..to, stretch).for_each(drop);
        }
        4 => line.drain(at..end).for_each(drop),
        _ => {
            let other = dice.below(line.len());
            line.swap(at, other);
        }
    }
}

/// The xorshift generator of Marsaglia: numbers that are as good as random, and the same in every run.
struct Dice(u64);

impl Dice {
    /// The dice of one case: a new case leaves the damage of the others as it was.
    fn of(name: &str) -> Self {
        let seed = name.bytes().fold(0x9e37_79b9_7f4a_7c15, |seed: u64, byte| {
            (seed ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Dice(seed.max(1))
    }

    /// A number below `bound`, which is not zero.
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap_or_default() % bound
    }
}
