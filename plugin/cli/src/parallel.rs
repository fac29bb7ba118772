//! Filtering on several threads: the same bytes in the same order as on one.
//!
//! ```text
//! this thread            workers, each with a filter of its own        writer
//! blocks of lines  --->  1st, 4th, 7th block ... -------------------->  one answer from each
//!                  --->  2nd, 5th ...        -------------------->      in turn, so in order
//!                  --->  3rd, 6th ...        -------------------->
//! ```
//!
//! Every arrow is a queue with room for one block, so memory is bounded: each worker has one block waiting, one at
//! work and one answered, and whoever is ahead waits. Blocks are as long as what was read at once, or as one
//! record that is longer.

use crate::records::{Count, Records};
use std::io::{self, Write};
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
use std::thread::{self, JoinHandle};

/// What answers are written to.
pub(crate) type Output = Box<dyn Write + Send>;

/// Threads that filter, and one that writes.
#[derive(Debug)]
pub(crate) struct Pool {
    workers: Vec<SyncSender<Vec<u8>>>,
    /// Whose turn it is.
    next: usize,
    writer: JoinHandle<()>,
    counting: Vec<JoinHandle<Count>>,
}

impl Pool {
    /// Starts a thread for each of `records` and the writer. That calls `failed` when it cannot write.
    pub(crate) fn start(
        records: Vec<Records>,
        output: Output,
        failed: impl FnOnce(io::Error) + Send + 'static,
    ) -> Self {
        let (mut workers, mut answered, mut counting) = (Vec::new(), Vec::new(), Vec::new());
        for records in records {
            let (to_worker, blocks) = sync_channel(1);
            let (to_writer, answers) = sync_channel(1);
            workers.push(to_worker);
            answered.push(answers);
            counting.push(thread::spawn(move || work(records, &blocks, &to_writer)));
        }
        let writer = thread::spawn(move || {
            if let Err(error) = write(&answered, output) {
                failed(error);
            }
        });
        Pool { workers, next: 0, writer, counting }
    }

    /// Hands out whole lines; waits while all threads are busy.
    ///
    /// # Errors
    ///
    /// The thread whose turn it is has ended: answers can no longer be written.
    pub(crate) fn filter(&mut self, block: &[u8]) -> io::Result<()> {
        let worker = self.workers.get(self.next).ok_or_else(ended)?;
        worker.send(block.to_vec()).map_err(|_| ended())?;
        self.next = (self.next + 1) % self.workers.len();
        Ok(())
    }

    /// Waits until all has been written.
    ///
    /// # Errors
    ///
    /// A thread ended early.
    pub(crate) fn end(self) -> io::Result<Count> {
        // Each worker ends with its queue, and the writer with the workers.
        drop(self.workers);
        self.writer.join().map_err(|_| ended())?;
        let counts = self.counting.into_iter().map(|worker| worker.join().map_err(|_| ended()));
        counts.reduce(|all, count| Ok(all?.and(count?))).unwrap_or_else(|| Ok(Count::default()))
    }
}

fn ended() -> io::Error {
    io::Error::other("a thread ended early")
}

fn work(mut records: Records, blocks: &Receiver<Vec<u8>>, to_writer: &SyncSender<Vec<u8>>) -> Count {
    for block in blocks {
        let mut answers = Vec::with_capacity(block.len() + block.len() / 8);
        records.filter(&block, &mut answers);
        if to_writer.send(answers).is_err() {
            break;
        }
    }
    records.count()
}

/// Takes from each worker in turn. The first that has ended was given nothing more, and neither was any after it.
fn write(answered: &[Receiver<Vec<u8>>], mut output: Output) -> io::Result<()> {
    for answers in answered.iter().cycle() {
        let answers = match answers.try_recv() {
            Ok(answers) => answers,
            Err(TryRecvError::Disconnected) => break,
            Err(TryRecvError::Empty) => {
                // Nothing is kept back while there is nothing to write.
                output.flush()?;
                let Ok(answers) = answers.recv() else { break };
                answers
            }
        };
        output.write_all(&answers)?;
    }
    output.flush()
}
