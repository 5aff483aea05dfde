//! How commands end, and sessions.

use super::event::{Event, PackageOne};
use super::job::Job;
use super::server::ServerSession;
use super::state::SessionState;

impl<K: Clone> ServerSession<K> {
    /// The device ends the session. *Observed*: Windows 11 does so when its results are larger than
    /// the MaxMsgSize that it was told; it then has said 200 and given nothing.
    pub(super) fn aborted(&mut self) {
        self.state.ended = true;
        self.state.cautious = true;
        // There is nothing left that the vendor could end.
        self.state.abort = false;
        self.state.events.push_back(Event::Aborted);
    }

    /// Reports the commands that are finished.
    pub(super) fn settle(&mut self) {
        self.settle_after(false);
    }

    /// The same. `device`: if the session ended, it was the device that ended it (Alert 1223).
    pub(super) fn settle_after(&mut self, device: bool) {
        let ended = self.state.ended;
        let last = self.state.device_final || ended;
        if let Some(open) = &mut self.state.open {
            open.judge_chunk(last);
        }
        if let Some(open) = self.state.open.take_if(|open| open.is_sent() || ended) {
            self.state.pending.push(open);
        }
        let is_over = |job: &mut Box<Job<K>>| last || job.is_finished();
        let mut pending = std::mem::take(&mut self.state.pending);
        let mut again = Vec::new();
        for mut job in pending.extract_if(.., is_over) {
            if ended {
                if job.asks_again(device) {
                    again.push(job);
                    continue;
                }
                if job.is_cut_off() {
                    job.break_off();
                }
            }
            match job.finish() {
                Ok(outcome) => self.state.events.push_back(Event::Outcome(outcome)),
                Err(job) => again.push(job),
            }
        }
        self.state.pending = pending;
        for job in again.into_iter().rev() {
            self.state.queue.push_front(job);
        }
    }

    /// Ends the session without the device: it did not come back. Commands that were sent get their
    /// outcome, but for Gets, which the next session asks again
    /// ([`into_next_session`](Self::into_next_session)): first as they were, then item by item, and
    /// then no more.
    pub fn give_up(&mut self) {
        if !self.state.ended {
            self.state.ended = true;
            self.settle();
        }
    }

    /// The session that comes after this one: it begins with the commands that were not sent and
    /// those that have to be asked again, keeps the accounts, and is more careful if the device
    /// aborted.
    #[must_use]
    pub fn into_next_session(mut self) -> Self {
        self.give_up();
        let state = SessionState {
            queue: self.state.queue,
            cautious: self.state.cautious,
            login: self.state.login.next_session(),
            package_one: Some(PackageOne::default()),
            events: self.state.events,
            ..SessionState::default()
        };
        Self { config: self.config, state }
    }
}
