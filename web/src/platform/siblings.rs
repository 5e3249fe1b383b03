//! Lists that have other elements beside them.

use std::rc::Rc;

use yew::html::Html;
use yew::virtual_dom::{VList, VNode};

/// A list that is a node of its own. Written into the list around it (`{ for … }`), one entry more or less would move all that
/// stands before it by one place, and the browser would make it anew; and where its neighbours have no keys, its own would be of
/// no use.
pub fn siblings<T: Into<VNode>>(nodes: impl IntoIterator<Item = T>) -> Html {
    list_of(nodes.into_iter().map(Into::into).collect())
}

/// Compiled once, whatever the nodes are made of.
#[inline(never)]
fn list_of(nodes: Vec<VNode>) -> Html {
    VNode::VList(Rc::new(VList::with_children(nodes, None)))
}
