package fault

// The store and the key it is sealed under.
const (
	StoreAbsent   Code = "store.absent"
	StorePosition Code = "store.position"
	StoreRepeated Code = "store.repeated"
	StoreUnknown  Code = "store.commit-unknown"
	StoreFull     Code = "store.full"
	StoreLocked   Code = "store.in-use"
	StoreNewer    Code = "store.newer-schema"
	StoreDamaged  Code = "store.damaged"
	StoreOpening  Code = "store.opening"
	StoreExists   Code = "store.exists"    // one would be made where one is
	StoreClosed   Code = "store.closed"    // used after Close, or after a crash that a simulation called for
	StoreUnrun    Code = "store.cancelled" // given up while it waited: nothing was run
	StoreIO       Code = "store.io"        // the disk or the database failed, and nothing was stored

	VaultLocked     Code = "vault.locked"
	VaultPassphrase Code = "vault.passphrase"
	VaultDamaged    Code = "vault.damaged"
	VaultCredential Code = "vault.credential" // the source of a secret is not as it must be
	VaultAbsent     Code = "vault.absent"
	VaultExists     Code = "vault.exists"
	VaultFile       Code = "vault.file" // the file of the store key could not be read or written
)
