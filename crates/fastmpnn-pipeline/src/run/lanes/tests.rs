use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use fastmpnn::EngineOptions;

use super::limits::{ONE_A_THREAD, WAITING_RESULTS};
use super::*;

fn engine(threads: usize) -> Engine {
    Engine::embedded(&EngineOptions::default().with_threads(NonZeroUsize::new(threads))).unwrap()
}

/// Every fifth input is large, every seventh has more results than may wait, every eleventh ends before it is admitted.
fn size(index: usize) -> Size {
    let residues = if index.is_multiple_of(5) { ONE_A_THREAD + 1 } else { 10 };
    let results = if index.is_multiple_of(7) { WAITING_RESULTS / 2 } else { WAITING_RESULTS / 5 };
    Size { residues, results, kept: 0 }
}

#[test]
fn steps_come_in_the_order_of_the_inputs() {
    for threads in [1, 2, 4] {
        let engine = engine(threads);
        let (beside, alone) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let work = |lane: &Lane<'_, (usize, usize)>| {
            let index = lane.index;
            lane.send((index, 0));
            if index.is_multiple_of(11) {
                return;
            }
            let Some(engine) = lane.admit(size(index)) else { panic!("the run does not end") };
            match lane.has_all_threads() {
                true => {
                    assert_eq!(engine.threads(), threads);
                    assert_eq!((beside.load(Ordering::SeqCst), alone.fetch_add(1, Ordering::SeqCst)), (0, 0));
                }
                false => {
                    assert_eq!(engine.threads(), 1);
                    beside.fetch_add(1, Ordering::SeqCst);
                    assert_eq!(alone.load(Ordering::SeqCst), 0);
                }
            }
            // Later ones are often done before earlier ones.
            thread::sleep(Duration::from_micros((index as u64 * 7919) % 900));
            (1..20).for_each(|step| lane.send((index, step)));
            let counter = if lane.has_all_threads() { &alone } else { &beside };
            counter.fetch_sub(1, Ordering::SeqCst);
        };
        let mut taken = Vec::new();
        let take = |index: usize, steps: &mut Steps<'_, (usize, usize)>| {
            taken.extend(steps.map(|step| (index, step)));
            Ok::<_, EngineError>(Taken::Next)
        };
        Lanes::new(60, &engine).run(&engine, work, take).unwrap();
        let steps = |index: usize| if index.is_multiple_of(11) { 1 } else { 20 };
        let expected: Vec<_> =
            (0..60).flat_map(|index| (0..steps(index)).map(move |step| (index, (index, step)))).collect();
        assert_eq!(taken, expected, "{threads} threads");
    }
}

#[test]
fn one_thread_does_the_work_and_takes_its_steps() {
    let engine = engine(1);
    let work = |lane: &Lane<'_, usize>| {
        if !lane.index.is_multiple_of(11) && lane.admit(size(lane.index)).is_some() {
            // More than may wait for another thread.
            (0..20).for_each(|step| lane.send(step));
        }
    };
    for last in [59, 30] {
        let mut taken = Vec::new();
        let take = |index: usize, steps: &mut Steps<'_, usize>| {
            taken.extend(steps.map(|step| (index, step)));
            Ok::<_, EngineError>(if index == last { Taken::Stop } else { Taken::Next })
        };
        Lanes::new(60, &engine).run_in_turn(&engine, work, take).unwrap();
        let worked = (0..=last).filter(|index| !index.is_multiple_of(11));
        let expected: Vec<_> = worked.flat_map(|index| (0..20).map(move |step| (index, step))).collect();
        assert_eq!(taken, expected);
    }
}

#[test]
fn what_is_not_wanted_any_more_ends() {
    let engine = engine(2);
    let work = |lane: &Lane<'_, usize>| {
        if lane.admit(size(lane.index)).is_some() {
            // Without an end of its own.
            for step in 0.. {
                lane.send(step);
                if lane.stops() {
                    break;
                }
                thread::sleep(Duration::from_micros(50));
            }
        }
    };
    let mut inputs = 0;
    let take = |_: usize, steps: &mut Steps<'_, usize>| {
        inputs += 1;
        assert_eq!(steps.take(6).collect::<Vec<_>>(), [0, 1, 2, 3, 4, 5]);
        Ok::<_, EngineError>(if inputs == 20 { Taken::Stop } else { Taken::Next })
    };
    Lanes::new(1000, &engine).run(&engine, work, take).unwrap();
    assert_eq!(inputs, 20);
    let take = |_: usize, _: &mut Steps<'_, usize>| Err(EngineError::Cancelled);
    assert!(Lanes::new(1000, &engine).run(&engine, work, take).is_err());
}

#[test]
fn a_panic_in_a_lane_is_the_callers() {
    let engine = engine(2);
    let work = |lane: &Lane<'_, usize>| {
        lane.send(lane.index);
        assert!(lane.index != 7, "input 7");
    };
    let take = |_: usize, steps: &mut Steps<'_, usize>| {
        steps.for_each(drop);
        Ok::<_, EngineError>(Taken::Next)
    };
    let run = || Lanes::new(100, &engine).run(&engine, work, take);
    let panic = catch_unwind(AssertUnwindSafe(run)).unwrap_err();
    assert_eq!(panic.downcast_ref::<&str>(), Some(&"input 7"));
}

#[test]
fn what_a_share_of_the_memory_does_not_hold_has_all_of_it() {
    let engine = engine(4).with_memory_limit(fastmpnn::decode::MemoryLimit(800));
    let lanes = Lanes::new(10, &engine);
    let takes_all = |kept: u64| lanes.takes_all(Size { residues: 10, results: 0, kept });
    assert_eq!([100, 101].map(takes_all), [false, true]);
}

#[test]
fn few_inputs_share_the_threads() {
    let engine = engine(3);
    assert_eq!([1, 2, 3, 9].map(|inputs| Lanes::new(inputs, &engine).count), [1, 1, 3, 3]);
}
