//! Lists that have other elements beside them.

use yew::html::Html;
use yew::virtual_dom::VNode;

/// A list that is a node of its own. Written into the list around it (`{ for … }`), one entry more or less would move all that
/// stands before it by one place, and the browser would make it anew; and where its neighbours have no keys, its own would be of
/// no use.
pub fn siblings<T: Into<VNode>>(nodes: impl IntoIterator<Item = T>) -> Html {
    nodes.into_iter().collect()
}
