"""Files as Cairo writes them. Arguments: a folder, then a name and a mail address per twin; each
function below becomes FOLDER/FUNCTION-N.pdf (or .png) for the N-th twin, one page with
`before NAME after` on it and words that stay."""
import math
import sys

import cairo

WIDTH, HEIGHT = 500, 160


def face(ctx, family="DejaVu Sans", size=12, slant=cairo.FONT_SLANT_NORMAL, weight=cairo.FONT_WEIGHT_NORMAL):
    ctx.select_font_face(family, slant, weight)
    ctx.set_font_size(size)


def rest(ctx):
    face(ctx)
    ctx.move_to(72, 130)
    ctx.show_text("Other words stay here")


def written(ctx, name, y=40, x=72):
    ctx.move_to(x, y)
    ctx.show_text(f"before {name} after")


def plain(ctx, name, mail):
    face(ctx)
    written(ctx, name)
    ctx.move_to(72, 60)
    ctx.show_text(f"write before {mail} after")


def serif(ctx, name, mail):
    face(ctx, "DejaVu Serif")
    written(ctx, name)


def mono(ctx, name, mail):
    face(ctx, "DejaVu Sans Mono", 10)
    written(ctx, name)


def bold(ctx, name, mail):
    face(ctx, weight=cairo.FONT_WEIGHT_BOLD)
    written(ctx, name)


def oblique(ctx, name, mail):
    face(ctx, slant=cairo.FONT_SLANT_OBLIQUE)
    written(ctx, name)


def foreign_letters(ctx, name, mail):
    """Letters beyond one byte make Cairo write two bytes for each."""
    face(ctx)
    ctx.move_to(72, 40)
    ctx.show_text(f"Ωμέγα Жизнь before {name} after łódź ŵ")


def hundreds_of_letters(ctx, name, mail):
    """So many letters that a font of one byte does not hold them."""
    face(ctx, size=6)
    letters = [chr(c) for c in range(0x100, 0x180)] + [chr(c) for c in range(0x391, 0x3A9) if c != 0x3A2]
    letters += [chr(c) for c in range(0x410, 0x450)] + [chr(c) for c in range(0x1E00, 0x1E60)]
    for row in range(0, len(letters), 80):
        ctx.move_to(20, 70 + row / 8)
        ctx.show_text("".join(letters[row:row + 80]))
    face(ctx)
    written(ctx, name)


def letters_by_index(ctx, name, mail):
    """Glyphs without a text: only the font says what they are."""
    face(ctx)
    font = ctx.get_scaled_font()
    ctx.show_glyphs(font.text_to_glyphs(72, 40, f"before {name} after", False))


def letters_with_clusters(ctx, name, mail):
    """Glyphs with a text beside them."""
    face(ctx)
    text = f"before {name} after"
    glyphs, clusters, flags = ctx.get_scaled_font().text_to_glyphs(72, 40, text)
    ctx.show_text_glyphs(text, glyphs, clusters, flags)


def kerned(ctx, name, mail):
    face(ctx)
    glyphs = ctx.get_scaled_font().text_to_glyphs(72, 40, f"before {name} after", False)
    ctx.show_glyphs([cairo.Glyph(g.index, g.x - 0.15 * i, g.y) for i, g in enumerate(glyphs)])


def one_by_one(ctx, name, mail):
    face(ctx)
    ctx.move_to(72, 40)
    for letter in f"before {name} after":
        ctx.show_text(letter)


def scaled(ctx, name, mail):
    ctx.save()
    ctx.scale(1.4, 0.9)
    face(ctx, size=10)
    written(ctx, name, 44, 51)
    ctx.restore()


def quarter_turned(ctx, name, mail):
    ctx.save()
    ctx.translate(40, 10)
    ctx.rotate(math.pi / 2)
    face(ctx, size=6)
    written(ctx, name, 0, 0)
    ctx.restore()


def white(ctx, name, mail):
    face(ctx)
    ctx.set_source_rgb(1, 1, 1)
    written(ctx, name)
    ctx.set_source_rgb(0, 0, 0)


def transparent(ctx, name, mail):
    face(ctx)
    ctx.set_source_rgba(0, 0, 0, 0)
    written(ctx, name)
    ctx.set_source_rgb(0, 0, 0)


def half_transparent(ctx, name, mail):
    face(ctx)
    ctx.set_source_rgba(0, 0, 0.5, 0.6)
    written(ctx, name)
    ctx.set_source_rgb(0, 0, 0)


def in_a_group(ctx, name, mail):
    ctx.push_group()
    face(ctx)
    written(ctx, name)
    ctx.pop_group_to_source()
    ctx.paint_with_alpha(0.7)
    ctx.set_source_rgb(0, 0, 0)


def under_a_box(ctx, name, mail):
    face(ctx)
    written(ctx, name)
    ctx.rectangle(70, 28, 300, 16)
    ctx.fill()


def beside_the_page(ctx, name, mail):
    face(ctx)
    ctx.move_to(72, 40)
    ctx.show_text("before after")
    ctx.move_to(WIDTH + 40, 40)
    ctx.show_text(name)


def clipped_away(ctx, name, mail):
    face(ctx)
    ctx.move_to(72, 40)
    ctx.show_text("before after")
    ctx.save()
    ctx.rectangle(0, 0, 10, 10)
    ctx.clip()
    written(ctx, name, 60)
    ctx.restore()


def in_a_recording(ctx, name, mail):
    """A picture that is a list of what to paint, painted twice."""
    recording = cairo.RecordingSurface(cairo.Content.COLOR_ALPHA, (0, 0, WIDTH, 30))
    inner = cairo.Context(recording)
    face(inner)
    inner.move_to(72, 15)
    inner.show_text(f"before {name} after")
    for y in (25, 50):
        ctx.set_source_surface(recording, 0, y)
        ctx.paint()
    ctx.set_source_rgb(0, 0, 0)


def in_a_gradient(ctx, name, mail):
    face(ctx, size=14)
    gradient = cairo.LinearGradient(72, 0, 400, 0)
    gradient.add_color_stop_rgb(0, 0.6, 0, 0)
    gradient.add_color_stop_rgb(1, 0, 0, 0.6)
    ctx.set_source(gradient)
    written(ctx, name)
    ctx.set_source_rgb(0, 0, 0)


def outlined(ctx, name, mail):
    face(ctx, size=14)
    ctx.move_to(72, 40)
    ctx.text_path(f"before {name} after")
    ctx.fill()


def pixels(ctx, name, mail):
    image = cairo.ImageSurface(cairo.Format.RGB24, WIDTH * 3, 90)
    inner = cairo.Context(image)
    inner.set_source_rgb(1, 1, 1)
    inner.paint()
    inner.set_source_rgb(0, 0, 0)
    face(inner, size=36)
    inner.move_to(216, 60)
    inner.show_text(f"before {name} after")
    ctx.save()
    ctx.scale(1 / 3, 1 / 3)
    ctx.set_source_surface(image, 0, 60)
    ctx.paint()
    ctx.restore()
    ctx.set_source_rgb(0, 0, 0)


def links(ctx, name, mail):
    """Links to a mail address, to a page, to a place named after somebody."""
    face(ctx)
    ctx.tag_begin(cairo.TAG_LINK, f"uri='mailto:{mail}'")
    ctx.move_to(72, 40)
    ctx.show_text("before after")
    ctx.tag_end(cairo.TAG_LINK)
    ctx.tag_begin(cairo.TAG_DEST, f"name='{name}'")
    ctx.move_to(72, 60)
    ctx.show_text("A place")
    ctx.tag_end(cairo.TAG_DEST)
    ctx.tag_begin(cairo.TAG_LINK, f"dest='{name}'")
    ctx.move_to(72, 80)
    ctx.show_text("A link to it")
    ctx.tag_end(cairo.TAG_LINK)


def tagged(ctx, name, mail):
    ctx.tag_begin("Document", "")
    ctx.tag_begin("P", "")
    face(ctx)
    written(ctx, name)
    ctx.tag_end("P")
    ctx.tag_begin("P", "")
    ctx.move_to(72, 60)
    ctx.show_text(f"write before {mail} after")
    ctx.tag_end("P")
    ctx.tag_end("Document")


def properties(ctx, name, mail):
    surface = ctx.get_target()
    surface.set_metadata(cairo.PDF_METADATA_TITLE, f"About {name}")
    surface.set_metadata(cairo.PDF_METADATA_AUTHOR, mail)
    surface.set_metadata(cairo.PDF_METADATA_SUBJECT, name)
    surface.set_metadata(cairo.PDF_METADATA_KEYWORDS, name)
    surface.set_page_label(name)
    surface.set_thumbnail_size(60, 20)
    plain(ctx, name, mail)


def an_old_version(ctx, name, mail):
    ctx.get_target().restrict_to_version(cairo.PDFVersion.VERSION_1_4)
    in_a_group(ctx, name, mail)


def pages_of_sizes(ctx, name, mail):
    for width, height in ((480, 100), (520, 140)):
        ctx.get_target().set_size(width, height)
        face(ctx)
        written(ctx, name)
        ctx.show_page()
    ctx.get_target().set_size(WIDTH, HEIGHT)
    plain(ctx, name, mail)


PAGES = [
    plain, serif, mono, bold, oblique, foreign_letters, hundreds_of_letters, letters_by_index,
    letters_with_clusters, kerned, one_by_one, scaled, quarter_turned, white,
    transparent, half_transparent, in_a_group, under_a_box, beside_the_page, clipped_away,
    in_a_recording, in_a_gradient, outlined, pixels, links, tagged, properties, an_old_version,
    pages_of_sizes,
]


def main():
    folder, *people = sys.argv[1:]
    for page in PAGES:
        for twin in range(len(people) // 2):
            path = f"{folder}/{page.__name__}-{twin}"
            surface = cairo.PDFSurface(f"{path}.pdf", WIDTH, HEIGHT)
            ctx = cairo.Context(surface)
            page(ctx, people[twin * 2], people[twin * 2 + 1])
            rest(ctx)
            surface.finish()


main()
