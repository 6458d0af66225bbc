package paging

import "context"

// Fetcher fetches single pages of type P. Calls may be concurrent once one has succeeded.
type Fetcher[P any] struct {
	// Request requests one page.
	Request func(ctx context.Context, number, size int) (P, error)
	// Size is how many entries a request allows.
	Size int
	// SmallSize replaces Size where the server refuses it before it has accepted it. 0 for never.
	SmallSize int
	// IsRefusal reports whether an error may be the refusal of a size.
	IsRefusal func(error) bool

	isAccepted bool
}

// Fetch returns one page.
func (f *Fetcher[P]) Fetch(ctx context.Context, number int) (P, error) {
	page, err := f.Request(ctx, number, f.Size)
	if f.isAccepted {
		return page, err
	}
	if f.mayBeTooLarge(err) {
		f.Size = f.SmallSize
		page, err = f.Request(ctx, number, f.Size)
	}
	f.isAccepted = err == nil
	return page, err
}

func (f *Fetcher[P]) mayBeTooLarge(err error) bool {
	return err != nil && f.SmallSize > 0 && f.Size > f.SmallSize && f.IsRefusal(err)
}
