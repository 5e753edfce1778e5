//! Draws sequences for one structure under one plan.

use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use super::constraints::{COLDEST, GoalState, Goals, Guide, PILOTS, Pilot};
use super::letter::Draw;
use super::letter_source::{LetterSource, Letters, LevelSource, ReadyGroup, SampleGoals};
use super::memory::{Allowance, EdgeCache, Reuse};
use super::observer::{LettersSoFar, Level, LevelItem, LogitsHook, Observer, Watch};
use super::order::{Orders, fixed_order};
use super::pair_bias::PairBiases;
use super::random::{Purpose, RandomStream};
use super::sampler::{Decoded, SampleOrder, Sampler, SamplerSettings, SamplerTask};
use crate::chemistry::{Letter, Sequence, VOCABULARY};
use crate::error::EngineError;
use crate::model::{EncodedGraph, Network, log_likelihood};
use crate::spec::DesignPlan;
use crate::structure::Structure;

/// A sequence drawn for a structure.
#[derive(Clone, Debug, PartialEq)]
pub struct Design {
    /// The sample's number, from 0; with seed and structure it determines everything else.
    pub sample: u64,
    /// The sampling temperature.
    pub temperature: f32,
    /// A letter for each residue; fixed and masked ones keep their own. `[N]`
    pub sequence: Sequence,
    /// −ln p of each letter given those decoded before it, at T = 1 and without biases, nats. `[N]`
    pub negative_log_likelihood: Vec<f32>,
    /// ln p of every letter, given the same. `[N, V]`
    pub log_probabilities: Vec<[f32; VOCABULARY]>,
    /// The rank of each residue in the decoding order. `[N]`
    pub rank: Vec<u32>,
    /// What the plan's goals for whole sequences cost, nats; `None` where it has none. With E = logits + bias, p the
    /// probabilities from which a letter would be drawn without them and p′ those from which it is, it is
    /// Σ (p − p′) · E over the letters, summed over the designed residues: by so much they lower the expected ln p of the
    /// letters, at T = 1, given the letters before them.
    pub constraint_cost: Option<f64>,
}

/// The most samples of one call of [`Designer::sample`].
pub const MAX_SAMPLES: u64 = 1 << 24;

/// Draws sequences for one encoded structure. The states of the fixed residues, which all samples share, are computed
/// on construction. It owns its data; clones share it.
#[derive(Clone, Debug)]
pub struct Designer {
    prepared: Arc<Prepared>,
    goals: Option<Arc<Goals>>,
    /// Whether letters are tilted towards them from the beginning.
    tilt: bool,
    /// The guides of the temperatures that were asked for.
    guides: Arc<Mutex<Vec<KnownGuide>>>,
    settings: SamplerSettings,
}

/// The guide of a temperature.
#[derive(Clone, Debug)]
struct KnownGuide {
    temperature: f32,
    guide: Arc<Guide>,
}

/// The data that all samples share.
#[derive(Debug)]
struct Prepared {
    network: Network,
    encoding: Arc<EncodedGraph>,
    /// The name of the structure.
    structure: String,
    plan: DesignPlan,
    stream: RandomStream,
    orders: Orders,
    sampler: Sampler,
}

/// What is designed.
pub(crate) struct DesignTask<'a> {
    pub(crate) structure: &'a Structure,
    pub(crate) plan: &'a DesignPlan,
}

impl Designer {
    pub(crate) fn new(
        network: &Network,
        encoding: &Arc<EncodedGraph>,
        task: DesignTask<'_>,
        allowance: Allowance,
    ) -> Designer {
        let fixed = fixed_order(task.plan, &RandomStream::new(task.plan.seed, task.structure));
        Designer::in_order(network, encoding, task, fixed, allowance)
    }

    /// A designer that decodes the fixed residues in the given order.
    pub(crate) fn in_order(
        network: &Network,
        encoding: &Arc<EncodedGraph>,
        task: DesignTask<'_>,
        fixed: Vec<u32>,
        allowance: Allowance,
    ) -> Designer {
        let DesignTask { structure, plan } = task;
        let task = SamplerTask {
            native: structure.residues.iter().map(|residue| residue.letter).collect(),
            drawn: plan.designed.clone(),
            ties: plan.ties.clone(),
            fixed,
        };
        Designer {
            prepared: Arc::new(Prepared {
                network: network.clone(),
                encoding: encoding.clone(),
                structure: structure.name.clone(),
                plan: plan.clone(),
                stream: RandomStream::new(plan.seed, structure),
                orders: Orders::new(&encoding.graph, plan),
                sampler: Sampler::new(network, encoding, task, allowance),
            }),
            goals: None,
            tilt: true,
            guides: Arc::default(),
            settings: SamplerSettings {
                watch: Watch { observer: None, hooks: pair_biases(plan) },
                ..Default::default()
            },
        }
    }

    /// Keeps each sample to the goals of the plan.
    pub(crate) fn with_goals(mut self, goals: Option<Goals>) -> Designer {
        self.goals = goals.map(Arc::new);
        self
    }

    /// Does not tilt letters towards the goals of whole sequences, and only masks those with which they would be out of
    /// reach. The goals are met all the same, at a price that falls due with the last letters: this is for comparison.
    pub fn without_tilt(mut self) -> Designer {
        self.tilt = false;
        self
    }

    /// Limits what is kept for later samples. Edge terms already kept with the encoding are used in any case.
    pub fn with_reuse(mut self, reuse: Reuse) -> Designer {
        self.settings.reuse = reuse;
        self
    }

    /// Decodes one residue after another, as the published code does: the same designs, more slowly.
    pub fn one_at_a_time(mut self) -> Designer {
        self.settings.one_at_a_time = true;
        self
    }

    /// Reports every level to an observer, which can stop the work: see [`EngineError::Cancelled`].
    pub fn with_observer(mut self, observer: Arc<dyn Observer>) -> Designer {
        self.settings.watch.observer = Some(observer);
        self
    }

    /// Adds a hook that sees the logits of each level, and may change them, before letters are drawn. It runs after the
    /// pair biases of the plan and after hooks added earlier. Reported likelihoods stay those of the network.
    pub fn with_hook(mut self, hook: Arc<dyn LogitsHook>) -> Designer {
        self.settings.watch.hooks.push(hook);
        self
    }

    /// Whether the decoder's edge terms are kept or recomputed when more than one sequence is drawn.
    pub fn edge_cache(&self) -> EdgeCache {
        self.prepared.sampler.edge_cache()
    }

    pub(crate) fn sampler(&self) -> &Sampler {
        &self.prepared.sampler
    }

    /// The name of the structure.
    pub(crate) fn structure(&self) -> &str {
        &self.prepared.structure
    }

    /// Draws the samples of a range, at most [`MAX_SAMPLES`], at the given temperature; 0 takes the most likely
    /// letters.
    ///
    /// # Errors
    /// [`EngineError::Setting`] if the temperature is negative or not finite, or the range is reversed or has more than
    /// [`MAX_SAMPLES`] samples; [`EngineError::Cancelled`] if the observer stopped the work; [`EngineError::Hook`] if a
    /// hook failed, and [`EngineError::HookLogits`] if it left logits from which no letter can be drawn.
    pub fn sample(&self, samples: Range<u64>, temperature: f32) -> Result<Vec<Design>, EngineError> {
        check_temperature(temperature)?;
        match samples.end.checked_sub(samples.start) {
            Some(count) if count <= MAX_SAMPLES => {}
            _ => {
                return Err(EngineError::Setting {
                    setting: "samples",
                    value: format!("{} to {}", samples.start, samples.end),
                    allowed: format!("a range that runs upwards, of {MAX_SAMPLES} samples at most"),
                });
            }
        }
        let Prepared { orders, stream, .. } = &*self.prepared;
        let orders: Vec<SampleOrder> =
            samples.map(|sample| SampleOrder { sample, residues: orders.sample(stream, sample) }).collect();
        self.sample_in_orders(&orders, temperature)
    }

    /// Draws each sample in its order, which lists the designed residues, the first decoded first.
    pub(crate) fn sample_in_orders(
        &self,
        orders: &[SampleOrder],
        temperature: f32,
    ) -> Result<Vec<Design>, EngineError> {
        let Prepared { plan, stream, sampler, .. } = &*self.prepared;
        let hooks = &self.settings.watch.hooks;
        let guide = match &self.goals {
            Some(goals) if self.tilt => Some(self.guide(goals, temperature)?),
            _ => None,
        };
        let aim = self.goals.as_deref().map(|goals| Aim { goals, guide: guide.as_deref() });
        let source = PlannedLetters { plan, stream, temperature, hooks, aim };
        let one_by_one = hooks.is_empty() && aim.is_none();
        let letters = if one_by_one { Letters::OneByOne(&source) } else { Letters::ByLevel(&source) };
        let decoded = sampler.run(orders, letters, &self.settings)?;
        Ok(decoded.into_iter().map(|sample| self.finish(sample, temperature)).collect())
    }

    /// What to expect of letters at a temperature, from some plain designs.
    fn guide(&self, goals: &Goals, temperature: f32) -> Result<Arc<Guide>, EngineError> {
        let temperature = temperature.max(COLDEST);
        let known = |guides: &[KnownGuide]| {
            guides.iter().find(|known| known.temperature == temperature).map(|known| known.guide.clone())
        };
        let guides = || self.guides.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(guide) = known(&guides()) {
            return Ok(guide);
        }
        let Prepared { plan, stream, orders, sampler, .. } = &*self.prepared;
        // From the end of the numbers, so that they are no sample's.
        let samples = (u64::MAX - PILOTS..u64::MAX)
            .map(|sample| SampleOrder { sample, residues: orders.sample(stream, sample) })
            .collect::<Vec<_>>();
        let mut keys = vec![0; goals.problem.variables.len()];
        for (residue, variable) in goals.problem.variable_of.iter().enumerate() {
            if let Some(variable) = *variable {
                keys[variable as usize] = residue;
            }
        }
        let guide = Guide::learn(goals, |tilts| {
            let mut tilted = plan.clone();
            for (residue, variable) in goals.problem.variable_of.iter().enumerate() {
                let Some(variable) = *variable else { continue };
                let own = plan.temperature.get(residue).copied().flatten().unwrap_or(temperature).max(COLDEST);
                let tilt = &tilts[variable as usize];
                tilted.bias[residue].iter_mut().zip(tilt).for_each(|(bias, tilt)| *bias += own * *tilt as f32);
            }
            let source = PlannedLetters { plan: &tilted, stream, temperature, hooks: &[], aim: None };
            let decoded = sampler.run(&samples, Letters::OneByOne(&source), &self.settings)?;
            Ok::<_, EngineError>(decoded.iter().map(|decoded| source.pilot(decoded, &keys)).collect())
        })?;
        let guide = Arc::new(guide);
        guides().push(KnownGuide { temperature, guide: guide.clone() });
        Ok(guide)
    }

    fn finish(&self, decoded: Decoded, temperature: f32) -> Design {
        let Decoded { sample, sequence, rank, mut logits, constraint_cost } = decoded;
        let Prepared { network, encoding, plan, .. } = &*self.prepared;
        if !plan.ties.is_empty() {
            // Tied members were decoded before the letters of their group were known: with the letters, the
            // likelihood is what scoring the finished sequence gives.
            logits = network.model.teacher_force(encoding, &network.workers, &sequence, &rank);
        }
        let log_probabilities: Vec<[f32; VOCABULARY]> = logits.iter().map(log_likelihood).collect();
        let negative_log_likelihood =
            log_probabilities.iter().zip(&sequence).map(|(row, letter)| -row[letter.index()]).collect();
        Design { sample, temperature, negative_log_likelihood, log_probabilities, sequence, rank, constraint_cost }
    }
}

fn check_temperature(temperature: f32) -> Result<(), EngineError> {
    if temperature.is_finite() && temperature >= 0.0 {
        return Ok(());
    }
    let (value, allowed) = (temperature.to_string(), "finite, and 0 or more".to_owned());
    Err(EngineError::Setting { setting: "temperature", value, allowed })
}

/// Letters drawn according to a plan, from FastMPNN's random stream.
struct PlannedLetters<'a> {
    plan: &'a DesignPlan,
    stream: &'a RandomStream,
    temperature: f32,
    hooks: &'a [Arc<dyn LogitsHook>],
    aim: Option<Aim<'a>>,
}

/// The goals of whole sequences, and what to expect on the way there.
#[derive(Clone, Copy)]
struct Aim<'a> {
    goals: &'a Goals,
    /// None where letters are only masked.
    guide: Option<&'a Guide>,
}

fn pair_biases(plan: &DesignPlan) -> Vec<Arc<dyn LogitsHook>> {
    match &plan.pair_bias[..] {
        [] => Vec::new(),
        pairs => vec![Arc::new(PairBiases(pairs.to_vec()))],
    }
}

impl PlannedLetters<'_> {
    /// The logits from which a group's letter is drawn.
    fn logits(&self, group: &ReadyGroup<'_>) -> [f32; VOCABULARY] {
        match group.tie {
            None => group.logits[0],
            Some(tie) => weighted_mean(group.logits, &self.plan.ties[tie].weights),
        }
    }

    /// What a pilot teaches of the variables with these residues.
    fn pilot(&self, decoded: &Decoded, keys: &[usize]) -> Pilot {
        let of = |(variable, residue): (usize, &usize)| {
            let (tie, members) = match self.plan.ties.get(variable) {
                Some(tie) => (Some(variable), &tie.members[..]),
                None => (None, std::slice::from_ref(residue)),
            };
            let logits: Vec<_> = members.iter().map(|&member| decoded.logits[member]).collect();
            let group = ReadyGroup { sample: decoded.sample, tie, members, logits: &logits };
            let rule = self.rule(&group);
            let warm = Draw { temperature: rule.temperature.max(COLDEST), ..rule };
            self.probabilities(&group, &warm, &self.logits(&group))
        };
        Pilot {
            letters: keys.iter().map(|&residue| decoded.sequence[residue]).collect(),
            probabilities: keys.iter().enumerate().map(of).collect(),
        }
    }

    /// How a group's letter is drawn without regard to goals.
    fn rule(&self, group: &ReadyGroup<'_>) -> Draw<'_> {
        let key = group.members[0];
        Draw {
            bias: &self.plan.bias[key],
            omitted: self.plan.omitted[key],
            temperature: self.plan.temperature.get(key).copied().flatten().unwrap_or(self.temperature),
            uniform: self.stream.uniform(Purpose::Letter, group.sample, key),
        }
    }

    fn draw(&self, group: &ReadyGroup<'_>, logits: &[f32; VOCABULARY]) -> Letter {
        let draw = self.rule(group);
        match &self.plan.pssm {
            None => draw.letter(logits),
            Some(_) => draw.letter_of(self.probabilities(group, &draw, logits)),
        }
    }

    /// The probabilities of a rule, with the profile's share if there is one. They need not sum to 1.
    fn probabilities(&self, group: &ReadyGroup<'_>, draw: &Draw<'_>, logits: &[f32; VOCABULARY]) -> [f64; VOCABULARY] {
        let p = draw.probabilities(logits);
        let Some(pssm) = &self.plan.pssm else { return p };
        let mut mixed = pssm.mixed(group.members[0], p);
        // A profile may leave no letter that is allowed: then the network decides.
        let left = Letter::all().any(|letter| draw.allows(letter) && mixed[letter.index()] > 0.0);
        Letter::all().filter(|&letter| !draw.allows(letter)).for_each(|letter| mixed[letter.index()] = 0.0);
        if left { mixed } else { p }
    }

    /// A letter with which the goals can still be met; `None` where the logits leave none.
    fn draw_towards(
        &self,
        goals: &Goals,
        state: &mut GoalState,
        group: &ReadyGroup<'_>,
        logits: &[f32; VOCABULARY],
    ) -> Option<Letter> {
        let plain = self.rule(group);
        let variable = goals.problem.variable_of[group.members[0]]? as usize;
        if !GoalState::concerns(goals, variable)
            && Letter::all().all(|letter| plain.allows(letter) == state.allows(variable, letter))
        {
            let letter = self.draw(group, logits);
            return state.accept(goals, variable, letter).then_some(letter);
        }
        let tilt = state.tilt(goals, variable);
        let weight = plain.temperature.max(COLDEST);
        let bias = std::array::from_fn(|letter| plain.bias[letter] + weight * tilt[letter] as f32);
        let infinite = Letter::all().filter(|letter| !logits[letter.index()].is_finite());
        let omitted = infinite.fold(plain.omitted, |set, letter| set | 1 << letter.index());
        let mut draw = Draw { bias: &bias, omitted: omitted | !state.allowed(variable), ..plain };
        loop {
            if !Letter::all().any(|letter| draw.allows(letter)) {
                return None;
            }
            let p = self.probabilities(group, &draw, logits);
            let (letter, uniform) = draw.chosen(&p);
            if state.accept(goals, variable, letter) {
                let before = self.probabilities(group, &Draw { omitted, ..plain }, logits);
                let energy: [f32; VOCABULARY] = std::array::from_fn(|letter| logits[letter] + plain.bias[letter]);
                let lost = expected(&before, &energy) - expected(&p, &energy);
                state.cost += lost * goals.problem.variables[variable].residues as f64;
                return Some(letter);
            }
            draw.omitted |= 1 << letter.index();
            draw.uniform = uniform;
        }
    }
}

/// The mean of finite numbers, weighted.
fn expected(weights: &[f64; VOCABULARY], numbers: &[f32; VOCABULARY]) -> f64 {
    let pairs = || weights.iter().zip(numbers).filter(|(weight, _)| **weight > 0.0);
    let total: f64 = pairs().map(|(weight, _)| weight).sum();
    pairs().map(|(weight, &number)| weight / total * f64::from(number)).sum()
}

impl LetterSource for PlannedLetters<'_> {
    fn letter(&self, group: &ReadyGroup<'_>) -> Letter {
        self.draw(group, &self.logits(group))
    }
}

impl LevelSource for PlannedLetters<'_> {
    fn letters(
        &self,
        groups: &[(ReadyGroup<'_>, LettersSoFar<'_>)],
        goals: &mut SampleGoals<'_>,
    ) -> Result<Vec<Letter>, EngineError> {
        let mut logits: Vec<[f32; VOCABULARY]> = groups.iter().map(|(group, _)| self.logits(group)).collect();
        let items: Vec<LevelItem<'_>> = groups
            .iter()
            .map(|(group, letters)| LevelItem { sample: group.sample, residues: group.members, letters: *letters })
            .collect();
        for hook in self.hooks {
            hook.adjust(&mut Level::new(&items, &mut logits)).map_err(EngineError::Hook)?;
        }
        let mut draw = |(place, ((group, _), logits)): (usize, (&(ReadyGroup<'_>, _), &[f32; VOCABULARY]))| {
            let residue = group.members[0];
            let none_left = EngineError::HookLogits { sample: group.sample, residue };
            let allowed = |letter: &Letter| self.plan.allows(residue, *letter) && logits[letter.index()].is_finite();
            let wrong = logits.iter().any(|logit| logit.is_nan() || *logit == f32::INFINITY);
            if wrong || !Letter::all().any(|letter| allowed(&letter)) {
                return Err(none_left);
            }
            match (self.aim, goals.of(place)) {
                (Some(aim), Some(state)) => self.draw_towards(aim.goals, state, group, logits).ok_or(none_left),
                _ => Ok(self.draw(group, logits)),
            }
        };
        groups.iter().zip(&logits).enumerate().map(&mut draw).collect()
    }

    fn begin(&self, order: &dyn Fn() -> Vec<usize>) -> Option<GoalState> {
        let Aim { goals, guide } = self.aim?;
        let variables: Vec<u32> = order().into_iter().filter_map(|first| goals.problem.variable_of[first]).collect();
        Some(GoalState::new(goals, guide, &variables))
    }

    fn pairs(&self) -> Vec<[usize; 2]> {
        self.hooks.iter().flat_map(|hook| hook.pairs()).collect()
    }
}

/// Σ weight · logits / n over the n members of a tied group.
fn weighted_mean(logits: &[[f32; VOCABULARY]], weights: &[f32]) -> [f32; VOCABULARY] {
    let mut sum = [0.0; VOCABULARY];
    for (logits, &weight) in logits.iter().zip(weights) {
        for (total, logit) in sum.iter_mut().zip(logits) {
            *total += weight * logit / weights.len() as f32;
        }
    }
    sum
}
