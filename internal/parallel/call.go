package parallel

// Call is a function that runs on a goroutine of its own.
type Call[T any] struct {
	done       chan struct{}
	value      T
	returned   bool
	panicValue any
}

// Start starts fn. The caller must call [Call.Wait].
func Start[T any](fn func() T) *Call[T] {
	c := &Call[T]{done: make(chan struct{})}
	go func() {
		defer close(c.done)
		defer func() {
			if !c.returned {
				c.panicValue = recover()
			}
		}()
		c.value = fn()
		c.returned = true
	}()
	return c
}

// Done returns a channel that is closed when the function has ended.
func (c *Call[T]) Done() <-chan struct{} { return c.done }

// Wait returns the value of the function after its end. If it panicked, Wait panics with the same
// value. If it ended its goroutine, the error is [ErrExited].
func (c *Call[T]) Wait() (T, error) {
	<-c.done
	switch {
	case c.returned:
		return c.value, nil
	case c.panicValue != nil:
		panic(c.panicValue)
	default:
		return c.value, ErrExited
	}
}
