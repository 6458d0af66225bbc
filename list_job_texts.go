package restorejobs

import (
	"context"
	"strings"
	"sync"

	"example.com/restorejobs/internal/api"
	"example.com/restorejobs/internal/freelist"
	"example.com/restorejobs/internal/jsondec"
	"example.com/restorejobs/internal/paging"
)

// jobText is a job of a list as the server sent it. It is decoded when the list is at it: the jobs of a
// page need several times the memory of their text.
type jobText struct {
	raw []byte // part of the response, valid until the page is released
	id  []byte // part of raw, unless it has escapes
	job *Job   // nil until it is decoded
}

// decodeBlock decodes the first of the texts, with those that share memory with it. The jobs have a copy
// of the texts.
func decodeBlock(texts []jobText) {
	if texts[0].job != nil {
		return
	}
	n := 1
	size := len(texts[0].raw)
	for n < min(len(texts), jobBlock) && size+len(texts[n].raw) <= maxBlockText {
		size += len(texts[n].raw)
		n++
	}
	var copies strings.Builder
	copies.Grow(size)
	jobs := make([]Job, n)
	for i := range jobs {
		raw := texts[i].raw
		start := copies.Len()
		copies.Write(raw)
		_, _ = jobs[i].parse(raw, copies.String()[start:]) // it was validated with its page
		texts[i].job = &jobs[i]
	}
}

// jobTextPage has the texts of a page. It is pooled for its memory.
type jobTextPage struct{ texts []jobText }

var jobTextPages = sync.Pool{New: func() any { return new(jobTextPage) }}

// jobTextMemory is the memory of the pages of one list, which they use in turn.
type jobTextMemory struct {
	pages  *freelist.List
	bodies *freelist.List
}

func newJobTextMemory() jobTextMemory {
	return jobTextMemory{
		pages:  freelist.New(&jobTextPages),
		bodies: api.NewBuffers(),
	}
}

// release returns the memory to the pools.
func (m jobTextMemory) release() {
	m.pages.Close()
	m.bodies.Close()
}

// sendPage requests one page. Its memory is used again after its release.
func (m jobTextMemory) sendPage(ctx context.Context, c *Client, req *api.Request, number int) (*paging.Page[jobText], error) {
	req.Buffers = m.bodies
	return send(ctx, c, req, func(resp *api.Response) (*paging.Page[jobText], error) {
		texts := m.pages.Get().(*jobTextPage)
		body, err := texts.decode(resp.Body, c.pipeline.MaxBody)
		if err != nil {
			m.put(texts)
			return nil, err
		}
		releaseBody := resp.KeepBody()
		page := newPage(number, &body, resp.Header)
		page.Release = func() {
			m.put(texts)
			releaseBody()
		}
		return page, nil
	})
}

// put lets another page use the memory.
func (m jobTextMemory) put(p *jobTextPage) {
	if p.reset() {
		m.pages.Put(p)
	}
}

// decode reads a page. A response may have limit bytes.
func (p *jobTextPage) decode(body []byte, limit int64) (pageBody[jobText], error) {
	page := pageBody[jobText]{
		items:     p.texts,
		limit:     limit,
		readEntry: readJobText,
	}
	err := page.decode(body)
	p.texts = page.items
	return page, err
}

// readJobText is the entryReader of jobs that are decoded later.
func readJobText(d *jsondec.Decoder) jobText {
	_ = d.Kind() // skips white space
	start := d.Offset()
	var id []byte
	if d.Object() {
		for key, ok := d.Key(); ok; key, ok = d.Key() {
			if string(key) != "id" {
				d.Skip()
				continue
			}
			if text, ok := d.Text(); ok {
				id = text
			}
		}
	}
	return jobText{
		raw: d.Since(start),
		id:  id,
	}
}

// maxPooledTexts bounds the texts that are kept for other pages.
const maxPooledTexts = 10 * maxPageRoom

// reset removes the texts. It reports whether the memory is worth keeping.
func (p *jobTextPage) reset() bool {
	clear(p.texts)
	p.texts = p.texts[:0]
	return cap(p.texts) <= maxPooledTexts
}
