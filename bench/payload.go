package main

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// generation is the shape of a job.
type generation int

const (
	classic generation = iota // Cloud Manager, Ops Manager, MMS, Atlas legacy clusters
	atlasV2                   // Atlas clusters
	running                   // classic, not finished
	ended                     // classic, finished, with a file
)

func (g generation) String() string {
	if g == atlasV2 {
		return "Atlas v2"
	}
	return "classic"
}

const (
	projectID   = "5196d3628d022db4cbc26d9e"
	clusterID   = "5196e5b0e4b0fca9cc88334a"
	clusterName = "Cluster0"

	idLength   = 24
	shapes     = 16 // number of jobs that differ in status, times and links, before they repeat
	blank      = "************************"
	pageHead   = `{"links":[{"href":"https://cloud.mongodb.com/api/restoreJobs?pageNum=%d&itemsPerPage=%d","rel":"self"}`
	pageNext   = `,{"href":"https://cloud.mongodb.com/api/restoreJobs?pageNum=%d&itemsPerPage=%d","rel":"next"}`
	pageTail   = `],"totalCount":%d}`
	pageResult = `],"results":[`
)

// bodySize selects how much a job has in it.
type bodySize int

const (
	mixed  bodySize = iota // of all three, most of 1 KiB
	small                  // 0.3 KiB: the fields that every job has, without links
	middle                 // 1 KiB: the fields and links of a usual job
	large                  // 4 KiB: a sharded cluster, with a file for each of its parts
)

// sizes are all body sizes, in the order of the tables.
var sizes = []bodySize{mixed, small, middle, large}

func (b bodySize) String() string {
	switch b {
	case small:
		return "0.3 KiB"
	case middle:
		return "1 KiB"
	case large:
		return "4 KiB"
	default:
		return "mixed"
	}
}

// of returns the size of job number i of a list.
func (b bodySize) of(i int) bodySize {
	if b != mixed {
		return b
	}
	switch i % shapes {
	case 1, 5, 10, 14:
		return small
	case 3, 11:
		return large
	default:
		return middle
	}
}

// average is the mean size of a body.
func (b bodySize) average(g generation) float64 {
	total := 0
	for i := range shapes {
		total += len(templateOf(g, b, i).text)
	}
	return float64(total) / shapes
}

// template is a job with placeholders for its id.
type template struct {
	text []byte
	ids  []int // offsets of the id
}

// templates has the jobs of each generation and size.
var templates = [...][large + 1][shapes]template{
	classic: fill(classicJob, "", ""),
	atlasV2: fill(cloudJob, "", ""),
	running: fill(classicJob, `"FINISHED"`, `"IN_PROGRESS"`),
	ended:   fill(classicJob, `"EXPIRED"`, `"READY"`),
}

func templateOf(g generation, b bodySize, i int) *template {
	i %= shapes
	return &templates[g][b.of(i)][i]
}

// fill makes the jobs of a generation, with a word replaced by another.
func fill(job func(i int, size bodySize) string, word, other string) (all [large + 1][shapes]template) {
	for _, size := range []bodySize{small, middle, large} {
		for i := range shapes {
			text := job(i, size)
			if word != "" {
				text = strings.Replace(text, word, other, 1)
			}
			all[size][i] = newTemplate(text)
		}
	}
	return all
}

func newTemplate(text string) (t template) {
	t.text = []byte(text)
	for from := 0; ; {
		at := strings.Index(text[from:], blank)
		if at < 0 {
			return t
		}
		t.ids = append(t.ids, from+at)
		from += at + idLength
	}
}

// putID writes the unique id of job number i, which is the same in every run.
func putID(dst []byte, i int) {
	const digits = "0123456789abcdef"
	copy(dst, "67c1")
	mixed := uint64(i) * 0x9e3779b97f4a7c15
	for at := idLength - 1; at >= 12; at-- {
		dst[at] = digits[mixed&0xf]
		mixed >>= 4
	}
	rest := i
	for at := 11; at >= 4; at-- {
		dst[at] = digits[rest&0xf]
		rest >>= 4
	}
}

// jobNumber is the number of a job's id.
func jobNumber(id string) int {
	const first, end = 4, 12
	if len(id) != idLength {
		return 0
	}
	number, err := strconv.ParseInt(id[first:end], 16, 32)
	if err != nil {
		return 0
	}
	return int(number)
}

func jobID(i int) string {
	id := make([]byte, idLength)
	putID(id, i)
	return string(id)
}

// appendJob appends job number i.
func appendJob(dst []byte, g generation, size bodySize, i int) []byte {
	t := templateOf(g, size, i)
	start := len(dst)
	dst = append(dst, t.text...)
	for _, at := range t.ids {
		putID(dst[start+at:], i)
	}
	return dst
}

// page is one page of a list, encoded while it is read, so that the server needs little memory.
type page struct {
	gen       generation
	body      bodySize
	next, end int // jobs
	tail      string
	chunk     []byte // at bytes of it were read
	at        int
	length    int64 // of the whole page
}

// newPage returns page number n, from 1, of a list of total jobs.
func newPage(g generation, body bodySize, n, size, total int) *page {
	p := &page{
		gen:  g,
		body: body,
		next: min((n-1)*size, total),
		end:  min(n*size, total),
	}
	p.chunk = fmt.Appendf(make([]byte, 0, 8192), pageHead, n, size)
	if p.end < total {
		p.chunk = fmt.Appendf(p.chunk, pageNext, n+1, size)
	}
	p.chunk = append(p.chunk, pageResult...)
	p.tail = fmt.Sprintf(pageTail, total)
	p.length = int64(len(p.chunk) + len(p.tail) + max(p.end-p.next-1, 0))
	for i := p.next; i < p.end; i++ {
		p.length += int64(len(templateOf(g, body, i).text))
	}
	return p
}

// Read implements [io.Reader].
func (p *page) Read(dst []byte) (n int, err error) {
	for n < len(dst) {
		if p.at == len(p.chunk) && !p.more() {
			return n, io.EOF
		}
		copied := copy(dst[n:], p.chunk[p.at:])
		p.at += copied
		n += copied
	}
	return n, nil
}

// more encodes the next job or the tail, and reports false at the end.
func (p *page) more() bool {
	p.chunk = p.chunk[:0]
	p.at = 0
	switch {
	case p.next < p.end:
		p.chunk = appendJob(p.chunk, p.gen, p.body, p.next)
		if p.next++; p.next < p.end {
			p.chunk = append(p.chunk, ',')
		}
		return true
	case p.tail != "":
		p.chunk = append(p.chunk, p.tail...)
		p.tail = ""
		return true
	}
	return false
}

// bytes encodes the whole page.
func (p *page) bytes() []byte {
	var b bytes.Buffer
	b.Grow(int(p.length) + bytes.MinRead)
	_, _ = b.ReadFrom(p) // a page cannot fail
	return b.Bytes()
}
