//! Where lanes leave their steps, and what they wait for.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use super::limits::{AHEAD, Admission, Lanes, WAITING_RESULTS};

/// Steps of an input with all threads that wait before the input does.
const WAITING_STEPS: usize = 4;

pub(super) struct Desk<S> {
    lanes: Lanes,
    closed: AtomicBool,
    state: Mutex<State<S>>,
    /// Something that a lane may wait for has happened.
    for_lanes: Condvar,
    /// A step has come for the input whose turn it is, or it has ended.
    for_taker: Condvar,
}

/// An input that a lane has taken.
pub(super) struct Claim {
    pub(super) index: usize,
    /// Set when the work on it is to end.
    pub(super) cancelled: Arc<AtomicBool>,
}

struct State<S> {
    /// The next input that a lane takes.
    unclaimed: usize,
    /// The input whose steps are taken.
    turn: usize,
    /// The next input to be admitted.
    unadmitted: usize,
    /// Those behind it that ended without being admitted.
    passed: BTreeSet<usize>,
    /// How many inputs are admitted and have not ended.
    working: usize,
    /// Bytes of results of inputs beside others that are admitted and have not been taken.
    results: u64,
    inputs: BTreeMap<usize, InputSteps<S>>,
}

/// The steps of an input.
struct InputSteps<S> {
    steps: VecDeque<S>,
    ended: bool,
    cancelled: Arc<AtomicBool>,
    /// Bytes of [`State::results`].
    results: u64,
}

impl<S> Desk<S> {
    pub(super) fn new(lanes: Lanes) -> Desk<S> {
        let state = State {
            unclaimed: 0,
            turn: 0,
            unadmitted: 0,
            passed: BTreeSet::new(),
            working: 0,
            results: 0,
            inputs: BTreeMap::new(),
        };
        let (for_lanes, for_taker) = (Condvar::new(), Condvar::new());
        Desk { lanes, closed: AtomicBool::new(false), state: Mutex::new(state), for_lanes, for_taker }
    }

    pub(super) fn lanes(&self) -> Lanes {
        self.lanes
    }

    fn state(&self) -> MutexGuard<'_, State<S>> {
        // No code that can panic runs under the lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits while something is true and the run goes on.
    fn wait_while<'s>(
        &self,
        condition: &Condvar,
        state: MutexGuard<'s, State<S>>,
        mut waits: impl FnMut(&mut State<S>) -> bool,
    ) -> MutexGuard<'s, State<S>> {
        let waits = |state: &mut State<S>| !self.is_closed() && waits(state);
        condition.wait_while(state, waits).unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Relaxed)
    }

    /// Ends the run.
    pub(super) fn close(&self) {
        let state = self.state();
        self.closed.store(true, Ordering::Relaxed);
        for input in state.inputs.values() {
            input.cancelled.store(true, Ordering::Relaxed);
        }
        self.for_lanes.notify_all();
        self.for_taker.notify_all();
    }

    /// Ends the run when it is dropped.
    pub(super) fn closing(&self) -> impl Drop {
        Closing(self)
    }

    /// The next input for a lane, as soon as it is not too far ahead.
    pub(super) fn claim(&self) -> Option<Claim> {
        let Lanes { inputs, count, .. } = self.lanes;
        let ahead = count * AHEAD;
        let far = |state: &mut State<S>| state.unclaimed < inputs && state.unclaimed >= state.turn + ahead;
        let mut state = self.wait_while(&self.for_lanes, self.state(), far);
        if self.is_closed() || state.unclaimed == inputs {
            return None;
        }
        let index = state.unclaimed;
        state.unclaimed += 1;
        let cancelled: Arc<AtomicBool> = Arc::default();
        let claim = Claim { index, cancelled: cancelled.clone() };
        state.inputs.insert(index, InputSteps { steps: VecDeque::new(), ended: false, cancelled, results: 0 });
        Some(claim)
    }

    /// Waits for an input's admission; false where the run has ended.
    pub(super) fn admit(&self, index: usize, admission: Admission, results: u64) -> bool {
        let waits = |state: &mut State<S>| {
            let room = match admission {
                Admission::All => state.working == 0,
                Admission::Beside => state.results == 0 || state.results + results <= WAITING_RESULTS,
            };
            state.unadmitted != index || !room
        };
        let mut state = self.wait_while(&self.for_lanes, self.state(), waits);
        if self.is_closed() {
            return false;
        }
        state.working += 1;
        if admission == Admission::Beside {
            state.results += results;
            if let Some(input) = state.inputs.get_mut(&index) {
                input.results = results;
            }
            state.pass(index);
            self.for_lanes.notify_all();
        }
        true
    }

    pub(super) fn send(&self, index: usize, step: S, waits: bool) {
        let mut state = self.state();
        if waits {
            let full = |state: &mut State<S>| {
                state
                    .inputs
                    .get(&index)
                    .is_some_and(|input| input.steps.len() >= WAITING_STEPS && !input.cancelled.load(Ordering::Relaxed))
            };
            state = self.wait_while(&self.for_lanes, state, full);
        }
        self.push(&mut state, index, step);
    }

    pub(super) fn send_now(&self, index: usize, step: S) {
        let mut state = self.state();
        let waiting = state.inputs.get(&index).map_or(0, |input| input.steps.len());
        if state.turn == index && waiting < WAITING_STEPS {
            self.push(&mut state, index, step);
        }
    }

    fn push(&self, state: &mut State<S>, index: usize, step: S) {
        if let Some(input) = state.inputs.get_mut(&index) {
            input.steps.push_back(step);
        }
        if state.turn == index {
            self.for_taker.notify_all();
        }
    }

    /// Ends the work on an input.
    pub(super) fn cancel(&self, index: usize) {
        if let Some(input) = self.state().inputs.get(&index) {
            input.cancelled.store(true, Ordering::Relaxed);
        }
        self.for_lanes.notify_all();
    }

    /// The work on an input has ended.
    pub(super) fn end(&self, index: usize, admission: Option<Admission>, panicked: bool) {
        let mut state = self.state();
        match admission {
            Some(admission) => {
                state.working -= 1;
                if admission == Admission::All {
                    state.pass(index);
                }
            }
            None => state.pass(index),
        }
        if let Some(input) = state.inputs.get_mut(&index) {
            input.ended = true;
        }
        drop(state);
        if panicked {
            self.close();
        }
        self.for_lanes.notify_all();
        self.for_taker.notify_all();
    }

    /// Waits for the next step of an input; `None` when its work has ended.
    pub(super) fn next(&self, index: usize) -> Option<S> {
        let waits =
            |state: &mut State<S>| state.inputs.get(&index).is_none_or(|input| input.steps.is_empty() && !input.ended);
        let mut state = self.wait_while(&self.for_taker, self.state(), waits);
        let step = state.inputs.get_mut(&index)?.steps.pop_front();
        drop(state);
        self.for_lanes.notify_all();
        step
    }

    /// All steps of an input have been taken, or are not wanted.
    pub(super) fn taken(&self, index: usize) {
        let mut state = self.state();
        if let Some(input) = state.inputs.remove(&index) {
            input.cancelled.store(true, Ordering::Relaxed);
            state.results -= input.results;
        }
        state.turn = index + 1;
        drop(state);
        self.for_lanes.notify_all();
    }
}

impl<S> State<S> {
    /// The next input may be admitted when this one has been, or needs no admission.
    fn pass(&mut self, index: usize) {
        self.passed.insert(index);
        while self.passed.remove(&self.unadmitted) {
            self.unadmitted += 1;
        }
    }
}

struct Closing<'d, S>(&'d Desk<S>);

impl<S> Drop for Closing<'_, S> {
    fn drop(&mut self) {
        self.0.close();
    }
}
