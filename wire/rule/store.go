package rule

import "parley.example/wire/fault"

// The store and the key it is sealed under.
const (
	StoreAbsent   fault.Code = "store.absent"
	StorePosition fault.Code = "store.position"
	StoreRepeated fault.Code = "store.repeated"
	StoreUnknown  fault.Code = "store.commit-unknown"
	StoreFull     fault.Code = "store.full"
	StoreLocked   fault.Code = "store.in-use"
	StoreNewer    fault.Code = "store.newer-schema"
	StoreDamaged  fault.Code = "store.damaged"
	StoreOpening  fault.Code = "store.opening"
	StoreExists   fault.Code = "store.exists"    // one would be made where one is
	StoreClosed   fault.Code = "store.closed"    // used after Close, or after a crash that a simulation called for
	StoreUnrun    fault.Code = "store.cancelled" // given up while it waited: nothing was run
	StoreIO       fault.Code = "store.io"        // the disk or the database failed, and nothing was stored

	VaultLocked     fault.Code = "vault.locked"
	VaultPassphrase fault.Code = "vault.passphrase"
	VaultDamaged    fault.Code = "vault.damaged"
	VaultCredential fault.Code = "vault.credential" // the source of a secret is not as it must be
	VaultAbsent     fault.Code = "vault.absent"
	VaultExists     fault.Code = "vault.exists"
	VaultFile       fault.Code = "vault.file" // the file of the store key could not be read or written
)
