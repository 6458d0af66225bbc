package harness

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"example.com/restorejobs"
	"example.com/restorejobs/restorejobstest"
)

// Flags are the flags of a program, with those that every program has.
type Flags struct {
	*flag.FlagSet
	// Server are options for the embedded server. Set them before [Flags.Open].
	Server []restorejobstest.Option

	ref      string
	scope    restorejobstest.Scope
	scopeSet bool // -scope was given
	durable  durableFlags
}

// NewFlags returns the flags of a program. Its default scope is one of the embedded server, and
// usage is the first line of its help. The common flags in omit, "ref" and "scope", are not added:
// a program without -ref has -product.
func NewFlags(usage string, scope restorejobstest.Scope, omit ...string) *Flags {
	f := &Flags{FlagSet: flag.NewFlagSet(usage, flag.ContinueOnError), scope: scope}
	f.SetOutput(io.Discard) // Read prints the usage, and Exit the error
	if !slices.Contains(omit, "ref") {
		f.Func("ref", "`scope` in a real deployment, such as opsmanager/groups/PROJECT/clusters/CLUSTER,\n"+
			"with credentials from the environment; RESTOREJOBS_REF is the same", f.setRef)
	}
	if !slices.Contains(omit, "scope") {
		other := "-ref"
		if slices.Contains(omit, "ref") {
			other = "-product"
		}
		f.Func("scope", "without "+other+": `name` of the embedded server's scope (default "+scope.String()+")", f.setScope)
	}
	f.Usage = func() {
		fmt.Fprintln(f.Output(), "Usage: "+usage)
		f.PrintDefaults()
		fmt.Fprintln(f.Output(), "Exit codes: 0 done, 1 failed, 2 bad usage, 3 interrupted")
	}
	return f
}

func (f *Flags) setRef(ref string) error {
	if ref == "" {
		return errors.New("must not be empty")
	}
	f.ref = ref
	return nil
}

func (f *Flags) setScope(name string) error {
	isNamed := func(scope restorejobstest.Scope) bool { return strings.EqualFold(scope.String(), name) }
	i := slices.IndexFunc(restorejobstest.Scopes(), isNamed)
	if i < 0 {
		return fmt.Errorf("must be one of %v", restorejobstest.Scopes())
	}
	f.scope = restorejobstest.Scopes()[i]
	f.scopeSet = true
	return nil
}

// Read reads the arguments, with at most maxArgs operands. If help is requested, it prints the usage
// and returns [flag.ErrHelp].
func (f *Flags) Read(args []string, maxArgs int, out io.Writer) error {
	switch err := f.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		f.SetOutput(out)
		f.Usage()
		return err
	case err != nil:
		return Usage(err.Error())
	case f.scopeSet && f.durable.product != "":
		return Usage("-scope is for the embedded server, and -product names a real one")
	case f.scopeSet && !f.Embedded():
		return Usage("-scope is for the embedded server, and -ref or RESTOREJOBS_REF names a real one")
	case f.durable.product != "":
		if err := CheckProduct(f.durable.product); err != nil {
			return err
		}
	}
	for i, operand := range f.Args() {
		switch {
		case operand == "":
			return Usage("an argument is empty")
		case strings.HasPrefix(operand, "-"): // no id begins with it
			return Usage(operand + " must come before " + f.Arg(0))
		case i >= maxArgs:
			return Usage(fmt.Sprintf("unexpected argument %q", operand))
		}
	}
	return nil
}

// Embedded reports whether the program runs against the embedded server.
func (f *Flags) Embedded() bool { return f.ref == "" && f.durable.product == "" }

// ErrUsage is matched by errors about how a program was called.
var ErrUsage = errors.New("bad usage")

// Usage returns an error that matches [ErrUsage].
func Usage(problem string) error { return fmt.Errorf("%w: %s; -h shows the flags", ErrUsage, problem) }

// Args returns the arguments of the program, with the reference of the environment.
func Args() []string {
	if ref := os.Getenv("RESTOREJOBS_REF"); ref != "" {
		return append([]string{"-ref", ref}, os.Args[1:]...) // a -ref that follows wins
	}
	return os.Args[1:]
}

// ExitCode prints the error of a program and returns its exit code: 0 done, 1 failed, 2 bad usage or
// an argument that was refused before a request, 3 interrupted.
func ExitCode(stderr io.Writer, err error) int {
	if err == nil || errors.Is(err, flag.ErrHelp) {
		return 0
	}
	fmt.Fprintln(stderr, err)
	switch {
	case errors.Is(err, context.Canceled):
		return 3
	case errors.Is(err, ErrUsage), errors.Is(err, restorejobs.ErrInvalidArgument), errors.Is(err, errors.ErrUnsupported):
		return 2
	default:
		return 1
	}
}
