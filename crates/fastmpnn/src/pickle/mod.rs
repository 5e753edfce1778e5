//! Reads plain values from a Python pickle, protocols 2 to 5.
//!
//! A pickle is a program for a stack machine. Its dangerous instruction is "call the function of this name". Here a
//! name means only what the reader of a kind of file, an [`Objects`], makes of it, and that builds plain values.
//! Nothing is ever imported or run, whatever the file says.
//!
//! Lists, tuples and dictionaries live in the heap's tables and are named by index, so that a file can neither overflow
//! the stack with a deeply nested value nor multiply a large one by copying it. An instruction makes at most one value.

mod machine;

pub(crate) use machine::{Damage, Pickled, read};

/// A value on the stack. Containers are indices into the [`Heap`]; `O` is a value of the file's own kinds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Value<'a, O> {
    None,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(&'a str),
    /// A tuple, list or set.
    Sequence(usize),
    Dictionary(usize),
    Object(O),
    /// A value that is allowed in the file but of no use to its reader.
    Inert,
}

/// Keys and values in the order in which they were written.
pub(crate) type Pairs<'a, O> = Vec<(Value<'a, O>, Value<'a, O>)>;

/// The containers that a pickle built.
#[derive(Debug)]
pub(crate) struct Heap<'a, O> {
    sequences: Vec<Vec<Value<'a, O>>>,
    dictionaries: Vec<Pairs<'a, O>>,
}

/// How a kind of file interprets the names in its pickle.
pub(crate) trait Objects<'a>: Sized {
    /// The values of the file's own kinds.
    type Object: Copy + std::fmt::Debug + PartialEq;

    /// What messages call such a file, as in "no checkpoint" and "any checkpoint".
    const FILE: &'static str;

    /// The largest size of such a file's pickle, bytes.
    const LONGEST: usize;

    /// The value of a name.
    fn named(&mut self, module: &'a str, name: &'a str) -> Result<Value<'a, Self::Object>, String>;

    /// The result of a call. The arguments are a tuple.
    fn call(
        &mut self,
        heap: &mut Heap<'a, Self::Object>,
        called: Value<'a, Self::Object>,
        arguments: Value<'a, Self::Object>,
    ) -> Result<Value<'a, Self::Object>, String>;

    /// Gives an object its state.
    fn build(
        &mut self,
        _heap: &Heap<'a, Self::Object>,
        _object: Value<'a, Self::Object>,
        _state: Value<'a, Self::Object>,
    ) {
    }

    /// The value that a persistent id names.
    fn persistent(
        &mut self,
        _heap: &Heap<'a, Self::Object>,
        _identity: Value<'a, Self::Object>,
    ) -> Result<Value<'a, Self::Object>, String> {
        Ok(Value::Inert)
    }

    /// The value of a byte string.
    fn byte_string(&mut self, bytes: &'a [u8]) -> Value<'a, Self::Object>;
}

impl<O> Default for Heap<'_, O> {
    fn default() -> Self {
        Heap { sequences: Vec::new(), dictionaries: Vec::new() }
    }
}

impl<'a, O: Copy> Heap<'a, O> {
    /// The items of a tuple, list or set.
    pub(crate) fn sequence(&self, value: Value<'a, O>) -> Option<&[Value<'a, O>]> {
        match value {
            Value::Sequence(index) => Some(&self.sequences[index]),
            _ => None,
        }
    }

    /// The pairs of a dictionary in the order in which they were written; of equal keys the last counts.
    pub(crate) fn dictionary(&self, value: Value<'a, O>) -> Option<&[(Value<'a, O>, Value<'a, O>)]> {
        match value {
            Value::Dictionary(index) => Some(&self.dictionaries[index]),
            _ => None,
        }
    }

    pub(crate) fn new_dictionary(&mut self, pairs: Pairs<'a, O>) -> Value<'a, O> {
        self.dictionaries.push(pairs);
        Value::Dictionary(self.dictionaries.len() - 1)
    }

    fn new_sequence(&mut self, items: Vec<Value<'a, O>>) -> Value<'a, O> {
        self.sequences.push(items);
        Value::Sequence(self.sequences.len() - 1)
    }

    /// Appends items to a list or set.
    fn append(&mut self, list: Value<'a, O>, items: Vec<Value<'a, O>>) -> Result<(), String> {
        match list {
            Value::Sequence(index) => self.sequences[index].extend(items),
            Value::Inert => {}
            _ => return Err("it appends to something that is not a list".to_owned()),
        }
        Ok(())
    }

    fn set_items(&mut self, dictionary: Value<'a, O>, pairs: Pairs<'a, O>) -> Result<(), String> {
        match dictionary {
            Value::Dictionary(index) => self.dictionaries[index].extend(pairs),
            Value::Inert => {}
            _ => return Err("it sets items of something that is not a dictionary".to_owned()),
        }
        Ok(())
    }
}
