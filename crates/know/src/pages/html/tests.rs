use super::*;

#[test]
fn a_page_of_confluence() {
    let page = convert(
        "<!DOCTYPE html><html><head><title>Shop : Restore the database</title><script>x</script></head><body>\
         <ol id=\"breadcrumbs\"><li>Shop</li></ol><div class=\"page-metadata\">Created by <span class='author'> Ada L</span></div>\
         <div id=\"main-content\" class=\"wiki-content group\"><h2 id=\"a\">First &amp; last</h2><p>Call <a class=\"confluence-userlink\" \
         href=\"u\">Ada L</a> or see <a href=\"Other_12.html#x\">the <b>other</b> page</a>.</p><div><ul><li>one<ul><li>in one</li></ul>\
         </li><li><p>two</p></li></ul></div><pre class=\"syntaxhighlighter-pre\" data-syntaxhighlighter-params=\"brush: bash; gutter: \
         false\">df -h &gt; x\n  ls\n</pre><table><tbody><tr><th>a</th><th>b</th></tr><tr><td><p>1|2</p></td><td>*3*</td></tr></tbody>\
         </table></div><div class=\"pageSection\">Attachments by Ada L</div></body></html>",
    );
    assert_eq!(page.title.as_deref(), Some("Shop : Restore the database"));
    assert_eq!(
        page.markdown,
        "## First & last\n\nCall or see [the other page](<Other_12.html#x>).\n\n- one\n    - in one\n- two\n\n```bash\ndf -h > x\n  ls\n```\n\n\
         | a | b |\n|---|---|\n| 1\\|2 | \\*3\\* |\n"
    );
}

#[test]
fn storage_format_and_notion() {
    let page = convert(
        "<h1>Fill</h1><ac:structured-macro ac:name=\"code\"><ac:parameter ac:name=\"language\">sql</ac:parameter><ac:parameter \
         ac:name=\"title\">t</ac:parameter><ac:plain-text-body><![CDATA[SELECT 1 WHERE a < b && c > d;]]></ac:plain-text-body>\
         </ac:structured-macro><p>See <ac:link><ri:page ri:content-title=\"Other one\" /></ac:link> and <ac:link><ri:user \
         ri:userkey=\"u\" /></ac:link>.</p>",
    );
    assert_eq!(page.markdown, "# Fill\n\n```sql\nSELECT 1 WHERE a < b && c > d;\n```\n\nSee Other one and .\n");
    let page = convert(
        "<html><head><title>Pool</title></head><body><article class=\"page sans\"><header><h1 class=\"page-title\">Pool</h1><table \
         class=\"properties\"><tr><th>Owner</th><td>Ada L</td></tr></table></header><div class=\"page-body\"><p>a</p><pre class=\"code\">\
         <code class=\"language-Bash\">ls</code></pre><blockquote>b<br/>c</blockquote></div></article></body></html>",
    );
    assert_eq!(page.markdown, "a\n\n```bash\nls\n```\n\n> b c\n");
    let page = convert("<blockquote>a<blockquote><p>b</p></blockquote>c <a href=x>d</blockquote>e</a>");
    assert_eq!(page.markdown, "> a\n>\n> > b\n>\n> c d\n\ne\n");
}

#[test]
fn damaged_and_endless_html_ends() {
    let deep = 50_000;
    for text in [
        "<div>".repeat(deep),
        "<ul><li>".repeat(deep),
        "<blockquote>".repeat(deep),
        "<table><tr><td>".repeat(deep),
        "<a href=x>".repeat(deep),
        "</div></table></ul></a></pre>".repeat(deep / 10),
        "<pre>".repeat(deep) + "x",
        "<![CDATA[".repeat(deep),
        "<!--".repeat(deep),
        "<script>".repeat(deep),
        "<b a=".repeat(deep),
        "<div id=\"main-content\">x</div>".repeat(deep / 10),
    ] {
        assert!(convert(&text).markdown.len() <= 8 * text.len() + 64);
    }
    let page = convert("<p>a<script>b</script><img src=x onerror=c alt=\"[d](javascript:e)\"><p># f<p>`g`");
    assert_eq!(page.markdown, "a\\[d\\](javascript:e)\n\n\\# f\n\n\\`g\\`\n");
}
