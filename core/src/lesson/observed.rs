//! A cluster as a lesson looks at it at one moment.

use std::cell::OnceCell;

use crate::cluster::Cluster;
use crate::view::{ClusterView, QuorumView};

/// A cluster at one moment. What is costly to see is made when something asks for it.
#[derive(Debug)]
pub struct Observed<'a> {
    cluster: &'a Cluster,
    view: OnceCell<ClusterView>,
    quorum: OnceCell<QuorumView>,
}

impl<'a> Observed<'a> {
    /// The cluster as it is now.
    pub fn of(cluster: &'a Cluster) -> Self {
        Self { cluster, view: OnceCell::new(), quorum: OnceCell::new() }
    }

    /// The cluster itself: who decides now, and what a tool prints of it.
    pub fn cluster(&self) -> &'a Cluster {
        self.cluster
    }

    /// Its view.
    pub fn view(&self) -> &ClusterView {
        self.view.get_or_init(|| self.cluster.view())
    }

    /// The quorum of its metadata log.
    pub fn quorum(&self) -> &QuorumView {
        self.quorum.get_or_init(|| self.cluster.quorum())
    }
}
