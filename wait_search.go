package restorejobs

const (
	firstPage = 1
	offList   = 0
)

// search finds jobs on the pages of a list. Each is remembered on the page it was last
// found on, so that the next search begins there.
type search struct {
	order     []*watched
	pending   map[string]*watched // not found yet
	single    []*watched          // to be asked for one by one
	fruitless int                 // pages in a row that brought nothing
}

func newSearch(jobs []*watched) *search {
	s := &search{pending: make(map[string]*watched, len(jobs))}
	for _, job := range jobs {
		if job.page == offList {
			s.single = append(s.single, job)
			continue
		}
		s.order = append(s.order, job)
		s.pending[job.id] = job
	}
	return s
}

// next is the page that most pending jobs are believed to be on, with these; of several,
// the first. New jobs push all others down the list: a full page then has those of the page
// before it, which need not be asked for.
func (s *search) next() (number int, here []*watched) {
	believed := map[int][]*watched{}
	for _, job := range s.left() {
		believed[job.page] = append(believed[job.page], job)
	}
	for page, jobs := range believed {
		if more := len(jobs) - len(here); more > 0 || more == 0 && page < number {
			number, here = page, jobs
		}
	}
	return number, here
}

// tooDear reports jobs that are to be asked for by themselves: a page is worth a request
// for two or more, and where as many pages in a row as there are jobs have brought nothing,
// asking for these cannot cost more than reading on.
func (s *search) tooDear(here []*watched) bool { return len(here) < 2 || s.fruitless >= len(here) }

// giveUp leaves jobs to be asked for by themselves. One that was looked for in vain is no
// longer believed to be on a page.
func (s *search) giveUp(jobs []*watched) {
	if s.fruitless == 0 {
		s.leave(jobs)
		return
	}
	s.fruitless = 0
	s.takeOff(jobs)
}

// take notes the jobs that are on a page. Those that were believed there and are not may be
// on the next; where there is none, the list leaves them out, and they are returned.
func (s *search) take(page *Page, here []*watched, seen map[string]*Job) (absent []*watched) {
	s.fruitless++
	for _, job := range page.Jobs {
		if found := s.pending[job.ID]; found != nil {
			seen[job.ID], found.page = job, page.PageNum
			delete(s.pending, job.ID)
			s.fruitless = 0
		}
	}
	for _, job := range here {
		switch {
		case s.pending[job.id] == nil:
		case page.HasNext:
			job.page = page.PageNum + 1
		default:
			absent = append(absent, job)
		}
	}
	return absent
}

// takeOff leaves jobs that the list does not show to be asked for by themselves.
func (s *search) takeOff(jobs []*watched) {
	setPage(jobs, offList)
	s.leave(jobs)
}

func (s *search) leave(jobs []*watched) {
	s.single = append(s.single, jobs...)
	for _, job := range jobs {
		delete(s.pending, job.id)
	}
}

// left are the pending jobs, in the order asked.
func (s *search) left() []*watched {
	left := make([]*watched, 0, len(s.pending))
	for _, job := range s.order {
		if s.pending[job.id] != nil {
			left = append(left, job)
		}
	}
	return left
}

func setPage(jobs []*watched, number int) {
	for _, job := range jobs {
		job.page = number
	}
}
