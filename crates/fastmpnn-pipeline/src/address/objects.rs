//! Objects that are read: structures, and the files beside them.

use std::io;

/// What is in a folder of a store.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    /// The addresses of its objects.
    pub(crate) objects: Vec<String>,
    /// The addresses of the folders inside.
    pub(crate) folders: Vec<String>,
}

#[cfg(not(feature = "object-store"))]
pub(crate) use self::without::Objects;

#[cfg(feature = "object-store")]
pub(crate) use self::with::Objects;

#[cfg(not(feature = "object-store"))]
mod without {
    use super::{Listing, io};

    /// Objects, of which none can be read.
    #[derive(Debug, Default)]
    pub(crate) struct Objects;

    impl Objects {
        pub(crate) fn read(&self, _: &str) -> io::Result<Vec<u8>> {
            Err(io::Error::other("this program was built without object stores"))
        }

        pub(crate) fn list(&self, _: &str) -> io::Result<Listing> {
            Err(io::Error::other("this program was built without object stores"))
        }
    }
}

#[cfg(feature = "object-store")]
mod with {
    use std::collections::HashMap;
    use std::sync::{Arc, Mutex, OnceLock, PoisonError};

    use object_store::path::Path as ObjectPath;
    use object_store::{ObjectStore, ObjectStoreExt};
    use tokio::runtime::Runtime;

    use super::{Listing, io};
    use crate::address::{open_store, runtime, to_io};
    use crate::size_limit::LARGEST;

    /// Objects in any number of stores, each of which is opened once. Several threads may read at a time.
    #[derive(Default)]
    pub(crate) struct Objects {
        runtime: OnceLock<Runtime>,
        stores: Mutex<HashMap<String, Arc<dyn ObjectStore>>>,
    }

    /// An address, taken apart.
    struct Place<'a> {
        /// `s3://bucket`
        store: &'a str,
        path: ObjectPath,
    }

    impl<'a> Place<'a> {
        /// What follows the store is the object's name as it stands, not as the path of a URL.
        fn of(address: &'a str) -> io::Result<Place<'a>> {
            let begin = address.find("://").map_or(0, |at| at + 3);
            let end = address[begin..].find('/').map_or(address.len(), |at| begin + at);
            let path = ObjectPath::parse(&address[end..]).map_err(io::Error::other)?;
            Ok(Place { store: &address[..end], path })
        }
    }

    impl Objects {
        /// The content of an object.
        pub(crate) fn read(&self, address: &str) -> io::Result<Vec<u8>> {
            let Place { store, path } = Place::of(address)?;
            let store = self.store(store)?;
            let read = async {
                let found = store.get(&path).await?;
                if found.meta.size > LARGEST {
                    return Ok(None);
                }
                found.bytes().await.map(Some)
            };
            let read = self.runtime()?.block_on(read).map_err(said)?;
            let bytes = read.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "has more than 1 GiB"))?;
            Ok(bytes.to_vec())
        }

        /// What is in a folder.
        pub(crate) fn list(&self, address: &str) -> io::Result<Listing> {
            let Place { store: name, path } = Place::of(address)?;
            let store = self.store(name)?;
            let found = self.runtime()?.block_on(store.list_with_delimiter(Some(&path))).map_err(said)?;
            let address = |path: &ObjectPath| format!("{name}/{path}");
            Ok(Listing {
                objects: found.objects.iter().map(|object| address(&object.location)).collect(),
                folders: found.common_prefixes.iter().map(address).collect(),
            })
        }

        fn runtime(&self) -> io::Result<&Runtime> {
            match self.runtime.get() {
                Some(runtime) => Ok(runtime),
                None => {
                    let made = runtime()?;
                    Ok(self.runtime.get_or_init(|| made))
                }
            }
        }

        fn store(&self, name: &str) -> io::Result<Arc<dyn ObjectStore>> {
            let mut stores = self.stores.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(store) = stores.get(name) {
                return Ok(store.clone());
            }
            let (store, _) = open_store(name)?;
            let store: Arc<dyn ObjectStore> = store.into();
            stores.insert(name.to_owned(), store.clone());
            Ok(store)
        }
    }

    impl std::fmt::Debug for Objects {
        fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            out.debug_struct("Objects").finish_non_exhaustive()
        }
    }

    /// The error in a sentence: answers of stores are pages of XML.
    fn said(error: object_store::Error) -> io::Error {
        let text = error.to_string();
        let error = to_io(error);
        let code = text.split_once("<Code>").and_then(|(_, rest)| Some(rest.split_once("</Code>")?.0));
        let code = code.map_or_else(String::new, |code| format!(" ({code})"));
        // Of a listing the kind of error is in the answer alone.
        let is = |kind: io::ErrorKind, answers: [&str; 2]| {
            error.kind() == kind || answers.iter().any(|answer| text.contains(answer))
        };
        if is(io::ErrorKind::PermissionDenied, ["403 Forbidden", "401 Unauthorized"]) {
            let said =
                format!("the store refuses it{code}: check the credentials in the environment and what they permit");
            return io::Error::new(io::ErrorKind::PermissionDenied, said);
        }
        if is(io::ErrorKind::NotFound, ["404 Not Found"; 2]) {
            return io::Error::new(io::ErrorKind::NotFound, format!("the store has none{code}"));
        }
        io::Error::new(error.kind(), text.split_whitespace().collect::<Vec<_>>().join(" "))
    }
}
